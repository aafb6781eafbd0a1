import {join} from 'node:path'
import {daemonLogPath} from '../background-folder.ts'
import {ownMark, xmlText} from './service-facts.ts'
import type {ServiceFacts, ServiceFile} from './service-facts.ts'
import {unfinishedPath} from '../unfinished-mark.ts'

/** An agent of the user (launchd.plist(5)): starts at login, and is kept alive as long as tasks wait. */
export function launchdAgent(facts: ServiceFacts, home: string): ServiceFile {
  const {name, command, environment, places} = facts
  const log = daemonLogPath(places.state)
  const entries = [
    ['Label', string(name)],
    ['ProgramArguments', `<array>${command.map(string).join('')}</array>`],
    [
      'EnvironmentVariables',
      dictionary(Object.entries(environment).map(([key, value]) => [key, string(value)]))
    ],
    ['WorkingDirectory', string('/')],
    ['RunAtLoad', '<true/>'],
    ['KeepAlive', dictionary([['PathState', dictionary([[unfinishedPath(places.state), '<true/>']])]])],
    ['ProcessType', string('Background')],
    ['StandardOutPath', string(log)],
    ['StandardErrorPath', string(log)]
  ] as const
  const content = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${ownMark} -->`,
    `<plist version="1.0">${dictionary(entries)}</plist>`
  ]
  return {path: join(home, 'Library', 'LaunchAgents', `${name}.plist`), content: `${content.join('\n')}\n`}
}

function dictionary(entries: readonly (readonly [key: string, value: string])[]): string {
  const lines = entries.map(([key, value]) => `<key>${xmlText(key)}</key>${value}\n`)
  return `<dict>\n${lines.join('')}</dict>`
}

function string(text: string): string {
  return `<string>${xmlText(text)}</string>`
}
