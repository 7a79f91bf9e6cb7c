import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import style from './tabs.module.css';

interface TabsProps<T extends string> {
  label: string;
  tabs: readonly T[];
  chosen: T;
  onChoose: (tab: T) => void;
  /** Beside the tabs, outside of their list. */
  aside?: ReactNode;
  children: ReactNode;
}

/** Tabs of one panel: arrows move among them. */
export function Tabs<T extends string>({ label, tabs, chosen, onChoose, aside, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : tabs.at((tabs.indexOf(chosen) + step) % tabs.length);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[tabs.indexOf(next)]?.focus();
  };
  return (
    <div className={style.tabs}>
      <div className={style.head}>
        <div ref={list} role="tablist" aria-label={label} onKeyDown={move}>
          {tabs.map((tab) => (
            <button
              key={tab}
              type="button"
              role="tab"
              id={`${id}-${tab}`}
              aria-selected={tab === chosen}
              aria-controls={id}
              tabIndex={tab === chosen ? 0 : -1}
              onClick={() => {
                onChoose(tab);
              }}
            >
              {tab}
            </button>
          ))}
        </div>
        {aside}
      </div>
      <div id={id} role="tabpanel" aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </div>
  );
}
