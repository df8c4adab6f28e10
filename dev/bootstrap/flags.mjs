/**
 * Flags of the Node.js in which projections are rebuilt. A rebuild keeps much of the first page it
 * reads, from which V8 would learn to place all events among what lives long, and what they hold
 * would follow.
 */
export const FOR_REBUILDS = ['--no-allocation-site-pretenuring'];
