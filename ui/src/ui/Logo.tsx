// The mark: sources, ontology and agents as three strands.
export function Logo({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <g fill="none" strokeWidth="3.4" strokeLinecap="round">
        <path d="M3 8c11 0 12 8 26 8" stroke="var(--source)" />
        <path d="M3 16h26" stroke="var(--ontology)" />
        <path d="M3 24c11 0 12-8 26-8" stroke="var(--agent)" />
      </g>
    </svg>
  );
}
