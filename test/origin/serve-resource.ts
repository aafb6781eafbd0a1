import {setTimeout} from 'node:timers/promises'
import type {Answer} from './answer.ts'
import {answer} from './answer.ts'
import {lieAbout} from './lies.ts'
import type {Reply} from './reply.ts'
import {formatHead} from './reply.ts'
import type {Fault, Resource} from './resource.ts'
import {bodySize, bodySlice} from './resource.ts'

const SLICE = 65_536

/** A point in the body where something happens; at its end unless before. */
interface Break {
  readonly after: number
  readonly act: (reply: Reply) => Promise<void>
  readonly afterwards: 'stop' | 'continue'
}

function breaks(fault: Fault): Break[] {
  const {cutAfter, resetAfter, tlsCutAfter, stallAfter, holdAfter} = fault
  const list: Break[] = []
  if (cutAfter !== undefined) list.push({after: cutAfter, act: reply => reply.fin(), afterwards: 'stop'})
  if (resetAfter !== undefined)
    list.push({after: resetAfter, act: reply => reply.reset(), afterwards: 'stop'})
  if (tlsCutAfter !== undefined)
    list.push({after: tlsCutAfter, act: reply => reply.cut(), afterwards: 'stop'})
  if (stallAfter !== undefined)
    list.push({after: stallAfter, act: reply => reply.stall(), afterwards: 'stop'})
  if (holdAfter) {
    list.push({after: holdAfter.bytes, act: reply => reply.waitFor(holdAfter.until), afterwards: 'continue'})
  }
  return list.sort((one, other) => one.after - other.after)
}

function* bodyBytes(resource: Resource, said: Answer): Generator<Buffer> {
  for (const part of said.parts) {
    if ('text' in part) {
      yield Buffer.from(part.text)
      continue
    }
    for (let sent = 0; sent < part.length; sent += SLICE) {
      yield bodySlice(resource, part.offset + sent, Math.min(SLICE, part.length - sent))
    }
  }
}

async function sendBefore(reply: Reply, fault: Fault): Promise<void> {
  if (fault.delayHead !== undefined) await setTimeout(fault.delayHead, undefined, {ref: false})
  if (fault.holdHead) await reply.waitFor(fault.holdHead)
  const count = fault.informational === 'endless' ? Infinity : (fault.informational ?? 0)
  for (let sent = 0; sent < count && reply.isOpen(); sent++) {
    await reply.informational(103, {link: `</${sent}.css>; rel=preload`})
  }
}

async function sendHead(reply: Reply, said: Answer, fault: Fault): Promise<void> {
  if (!fault.headDrip) return reply.head(said.status, said.headers)
  const head = formatHead(said.status, said.headers)
  reply.framedBy(head.toString('latin1'))
  await reply.drip(head, fault.headDrip.everyMs, fault.headDrip.bytes)
}

async function sendBytes(reply: Reply, bytes: Buffer, fault: Fault): Promise<void> {
  if (fault.drip) return reply.dripBody(bytes, fault.drip.everyMs, fault.drip.bytes)
  await reply.write(bytes)
}

async function sendBody(reply: Reply, body: Iterable<Buffer>, fault: Fault): Promise<'whole' | 'broken'> {
  const pending = breaks(fault)
  let sent = 0
  for (const bytes of body) {
    let rest = bytes
    for (;;) {
      const next = pending[0]
      if (!next || next.after >= sent + rest.length) break
      const {after, act, afterwards} = next
      pending.shift()
      await sendBytes(reply, rest.subarray(0, after - sent), fault)
      rest = rest.subarray(after - sent)
      sent = after
      await act(reply)
      if (afterwards === 'stop') return 'broken'
    }
    if (!reply.isOpen()) return 'broken'
    await sendBytes(reply, rest, fault)
    sent += rest.length
  }
  for (const {act, afterwards} of pending) {
    await act(reply)
    if (afterwards === 'stop') return 'broken'
  }
  return 'whole'
}

/** Answers one request from a resource, with the fault that this request is to meet. */
export async function serveResource(resource: Resource, reply: Reply, fault: Fault): Promise<void> {
  await sendBefore(reply, fault)
  if (fault.lie) {
    await reply.raw(lieAbout(bodySlice(resource, 0, bodySize(resource)), fault.lie))
    return reply.fin()
  }
  reply.limit(fault.limit)
  const said = answer(resource, reply.request, fault)
  await sendHead(reply, said, fault)
  const bodiless = reply.request.method === 'HEAD' || said.parts.length === 0
  if (bodiless) return reply.end()
  const state = await sendBody(reply, bodyBytes(resource, said), fault)
  if (state === 'broken') return
  if (fault.extraBytes !== undefined) await reply.raw(Buffer.alloc(fault.extraBytes, 'x'))
  await reply.end()
}
