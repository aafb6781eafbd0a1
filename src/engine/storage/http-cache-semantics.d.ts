// What is used of the package, which comes without types of its own.
declare module 'http-cache-semantics' {
  type Fields = Readonly<Record<string, string>>
  interface Request {
    readonly url: string
    readonly method: string
    readonly headers: Fields
  }
  interface Response {
    readonly status: number
    readonly headers: Fields
  }
  interface Options {
    readonly shared: boolean
    readonly cacheHeuristic: number
    readonly immutableMinTimeToLive: number
  }
  export default class CachePolicy {
    constructor(request: Request, response: Response, options: Options)
    static fromObject(values: object): CachePolicy
    toObject(): object
    storable(): boolean
    satisfiesWithoutRevalidation(request: Request): boolean
  }
}
