// Numbers as people read them.

const LEAST_PERCENTAGE = 1e-6;
const LEAST_FRACTION = 1e-12;

export function percent(share) {
  if (share === 0) return "0";
  if (share < 0.0005) return "<0.1";
  return (100 * share).toFixed(share < 0.0995 ? 1 : 0);
}

// A probability that may be very small: one in so many, where a percentage would be mostly zeros.
export function probability(share) {
  if (share === null || share === undefined) return "unknown";
  if (share === 0) return "0";
  if (share >= LEAST_PERCENTAGE) return `${(100 * share).toPrecision(3)} %`;
  if (share >= LEAST_FRACTION) return `1 in ${count(Number((1 / share).toPrecision(3)))}`;
  return `1 in 10${raised(-Math.log10(share))}`;
}

export const count = (number) => number.toLocaleString("en");

export const bits = (logprob) => Math.abs(logprob) / Math.LN2;

export const fixed = (number, digits = 2) =>
  number === null || number === undefined
    ? "unknown"
    : number.toFixed(digits).replace(/^-(?=[0.]*$)/, "");

const raised = (power) => power.toFixed(0).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
