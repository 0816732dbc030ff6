/** Put before a program (`node --import`), which then lives so many milliseconds from now. For tests of ours alone. */
const offset = Number(process.env['FALSE_CLOCK'] ?? 0)
const RealDate = Date

class FalseDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [FalseDate.now()] : given) as [number]))
  }

  static override now(): number {
    return RealDate.now() + offset
  }
}

globalThis.Date = FalseDate as DateConstructor
