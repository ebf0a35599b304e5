/** What many rounds come to. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * The median of the ratios of corresponding rounds: a slow phase of the machine then touches both sides of a ratio.
 */
export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return median(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)))
}

/** As a reader compares it: three significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
