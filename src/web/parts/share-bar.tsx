/** How many users get something; the number is the fact, the bar a picture of it. `share` is in per cent. */
export function ShareBar({ share }: { readonly share: number }) {
  return (
    <span class="share">
      <span class="share-number">{Number(share.toFixed(2))} %</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="share-ground" width="100" height="6" rx="3" />
        <rect class="share-part" width={Math.max(share, share > 0 ? 2 : 0)} height="6" rx="3" />
      </svg>
    </span>
  );
}
