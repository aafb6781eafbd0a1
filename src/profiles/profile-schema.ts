import * as v from 'valibot'

// Loaded where a file is there to be checked: most runs name no session of their own.

const value = v.union([v.string(), v.number(), v.boolean(), v.array(v.string())])

/** What the file must be. The keys of the configuration are checked where a session is used. */
export const profilesSchema = v.strictObject({
  version: v.literal(1),
  sessions: v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/)),
    v.strictObject({
      kind: v.picklist(['default', 'ephemeral', 'background']),
      revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      description: v.nullable(v.string()),
      configuration: v.record(v.string(), value)
    })
  )
})

export type StoredProfiles = v.InferOutput<typeof profilesSchema>
export type StoredProfile = StoredProfiles['sessions'][string]
