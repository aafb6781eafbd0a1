import {styleText} from 'node:util'

export type Tone = 'good' | 'bad' | 'warning' | 'accent' | 'faint'

/** Gives text a colour, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

const colours = {good: 'green', bad: 'red', warning: 'yellow', accent: 'cyan', faint: 'dim'} as const

export const colourful: Paint = (tone, text) => styleText(colours[tone], text, {validateStream: false})

export const colourless: Paint = (_tone, text) => text
