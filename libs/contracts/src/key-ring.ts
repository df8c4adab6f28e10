/** Keys of the operator by their ids; what is new is sealed with `current`. */
export interface KeyRing {
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}
