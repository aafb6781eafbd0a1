import {describe, expect, it} from 'vitest'
import {readKeyValue} from '../../src/cli/key-value.ts'
import {keyDefinitions} from '../../src/profiles/keys.ts'
import {translatedKeys} from '../../src/profiles/refused-keys.ts'

function refusalOf(word: string): unknown {
  try {
    return readKeyValue(word)
  } catch (error) {
    return error
  }
}

describe('A key that no terminal has', () => {
  it.each([
    ['identifier', 'background', 'P1: identifier'],
    ['networkServiceType', 'class of service', 'P5: networkServiceType'],
    ['allowsCellularAccess', 'cellular', 'P6: allowsCellularAccess'],
    ['allowsExpensiveNetworkAccess', 'expensive', 'P6: allowsExpensiveNetworkAccess'],
    ['allowsConstrainedNetworkAccess', 'constrained', 'P6: allowsConstrainedNetworkAccess'],
    ['allowsUltraConstrainedNetworkAccess', 'constrained', 'P6: allowsUltraConstrainedNetworkAccess'],
    ['sharedContainerIdentifier', 'containers', 'P9: sharedContainerIdentifier'],
    ['sessionSendsLaunchEvents', 'hooks.onComplete', 'P10: sessionSendsLaunchEvents'],
    ['httpShouldUsePipelining', 'pipelined', 'P13: HTTPShouldUsePipelining'],
    ['shouldUseExtendedBackgroundIdleMode', 'suspends', 'P21: shouldUseExtendedBackgroundIdleMode'],
    ['protocolClasses', 'plug-ins', 'P22: protocolClasses'],
    ['multipathServiceType', 'several paths', 'P23: multipathServiceType'],
    ['usesClassicLoadingMode', 'one way', 'P24: usesClassicLoadingMode'],
    ['requiresDNSSECValidation', 'name servers', 'P24: requiresDNSSECValidation'],
    ['earliestBeginDate', 'one task', 'P25: earliestBeginDate']
  ])('is refused by its name with the reason: %s, because of %s [%s]', (key, reason) => {
    expect(refusalOf(`${key}=1`)).toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: expect.stringMatching(new RegExp(`^"${key}" cannot be set: .*${reason}`))
    })
  })

  it('is refused for one host, too', () => {
    expect(refusalOf('hosts.example.com.networkServiceType=1')).toMatchObject({
      message: expect.stringContaining('"networkServiceType" cannot be set')
    })
  })

  it.each(Object.entries(translatedKeys))('and has another name here is told the name: %s', (key, name) => {
    expect(refusalOf(`${key}=1`)).toMatchObject({code: 'CONFIGURATION_REFUSED', hint: `Use ${name}.`})
    const [first = ''] = name.split(' ')
    expect(Object.keys(keyDefinitions)).toContain(first.replace('NAME', '*'))
  })
})

describe('A key that nobody has', () => {
  it.each([
    ['timeout.idle', 'timeouts.idle'],
    ['cookies.sent', 'cookies.send'],
    ['TLS.MIN', 'tls.min'],
    ['maxconnectionsperhost', 'maxConnectionsPerHost']
  ])('is refused with the nearest one, and with the list of all: %s', (given, near) => {
    expect(refusalOf(`${given}=1`)).toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: `There is no configuration key "${given}"`,
      hint: expect.stringMatching(
        new RegExp(
          `^Did you mean ${near}\\? The keys are: headers.NAME, .*hooks.onComplete, and hosts.HOST.KEY`
        )
      )
    })
  })

  it('is refused without a guess where none is near', () => {
    expect(refusalOf('colour=red')).toMatchObject({hint: expect.stringMatching(/^The keys are: /)})
  })
})

describe('What must not be kept', () => {
  it.each(['tls.insecure', 'hosts.example.com.tls.insecure'])(
    'is that certificates are not checked: %s',
    key => {
      expect(refusalOf(`${key}=true`)).toMatchObject({
        code: 'CONFIGURATION_REFUSED',
        message: expect.stringContaining('never stored')
      })
    }
  )

  it.each([
    'Host',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'Upgrade',
    'Expect',
    'Range',
    'If-Range',
    'Proxy-Authorization',
    'Proxy-Authenticate',
    'WWW-Authenticate'
  ])('is a header that belongs to one request or to one hop: %s', name => {
    for (const spelt of [name, name.toLowerCase()]) {
      expect(refusalOf(`headers.${spelt}=env:X`)).toMatchObject({code: 'CONFIGURATION_REFUSED'})
    }
  })

  it('is a header with a line break in it', () => {
    expect(refusalOf('headers.X-Team=a\r\nHost: b')).toMatchObject({code: 'CONFIGURATION_REFUSED'})
  })
})
