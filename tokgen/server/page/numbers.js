// Numbers as people read them.

export function percent(share) {
  if (share === 0) return "0";
  if (share < 0.0005) return "<0.1";
  return (100 * share).toFixed(share < 0.0995 ? 1 : 0);
}

// A probability that may be very small.
export function probability(share) {
  if (share === null || share === undefined) return "unknown";
  if (share === 0) return "0";
  if (share >= 0.001) return `${(100 * share).toPrecision(3)} %`;
  const [digits, power] = share.toExponential(2).split("e");
  return `${digits} × 10${raised(Number(power))}`;
}

export const count = (number) => number.toLocaleString("en");

export const bits = (logprob) => Math.abs(logprob) / Math.LN2;

export const fixed = (number, digits = 2) =>
  number === null || number === undefined
    ? "unknown"
    : number.toFixed(digits).replace(/^-(?=[0.]*$)/, "");

const raised = (power) =>
  String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
