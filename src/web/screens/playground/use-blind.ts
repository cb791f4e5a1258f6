import { useState } from "preact/hooks";

interface Blind {
  /** Which column stands at each place; undefined while everybody sees which is which. */
  readonly order: readonly number[] | undefined;
  /** The column that was chosen last, and where it stood. */
  readonly picked: { readonly column: number; readonly place: number } | undefined;
  readonly begin: () => void;
  readonly pick: (place: number) => void;
  readonly end: () => void;
}

/** Answers in an order that chance makes, without their names. */
export function useBlind(columns: number): Blind {
  const [order, setOrder] = useState<readonly number[]>();
  const [picked, setPicked] = useState<Blind["picked"]>();
  const isOf = order?.length === columns;
  return {
    order: isOf ? order : undefined,
    picked: picked && picked.column < columns ? picked : undefined,
    begin: () => {
      setPicked(undefined);
      setOrder(shuffled(columns));
    },
    pick: (place) => {
      const column = order?.[place];
      if (column === undefined) return;
      setPicked({ column, place });
      setOrder(undefined);
    },
    end: () => setOrder(undefined),
  };
}

/** `Answer A`. */
export const placeName = (place: number) => `Answer ${String.fromCharCode(65 + place)}`;

function shuffled(many: number): number[] {
  const left = Array.from({ length: many }, (_, index) => index);
  const chances = crypto.getRandomValues(new Uint32Array(many));
  return [...chances].map((chance) => left.splice(chance % left.length, 1)[0]!);
}
