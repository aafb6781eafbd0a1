import {win32} from 'node:path'
import {ownMark, xmlText} from './service-facts.ts'
import type {ServiceFacts, ServiceFile} from './service-facts.ts'

/** A task of Windows' task scheduler that starts the daemon at log-on. In UTF-16, as the scheduler writes it itself. */
export function windowsTask({name, command, places}: ServiceFacts): ServiceFile {
  const [program = '', ...words] = command
  const text = `<?xml version="1.0" encoding="UTF-16"?>
<!-- ${ownMark} -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Background transfers of ferry</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xmlText(program)}</Command>
      <Arguments>${xmlText(words.map(quote).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`
  return {
    path: win32.join(places.state, `${name}-task.xml`),
    content: Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le')
  }
}

// As programs of Windows read their command line: a quotation mark cannot be in a path, and what is before one is doubled.
function quote(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}
