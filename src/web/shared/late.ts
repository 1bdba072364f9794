/** A connection that is back at once is not worth a word. */
import { useEffect, useState } from "preact/hooks";

const PATIENCE_MS = 1200;

/** Whether the connection has been away for so long that it is to be told. */
export function useIsLate(isWell: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (isWell) return undefined;
    const patience = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(patience);
  }, [isWell]);
  return isLate && !isWell;
}
