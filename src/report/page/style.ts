/**
 * The style of a page. Colours are variables with a value for light and one for dark screens; texts have a contrast of at least 4.5 to what lies
 * behind them (WCAG 2.2, 1.4.3), which a test computes in a browser. A browser lays out the long table only when it is scrolled to.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #f6f8fa; --card: #ffffff; --text: #1f2328; --faint: #57606a; --line: #d0d7de; --link: #0757b8; --shade: #f0f3f6;
  --failed: #cf222e; --unknown: #8a4600; --new: #1a7f37; --changed: #0969da; --compared: #1b7c83; --headers: #8250df;
  --deleted: #bc4c00; --stray: #9a6700; --unchanged: #d3dae1; --skipped: #e7ebef; --on: #ffffff; --on-quiet: #24292f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --card: #161b22; --text: #e6edf3; --faint: #9aa5b1; --line: #30363d; --link: #6cb6ff; --shade: #1c232c;
    --failed: #d1363f; --unknown: #9a5b13; --new: #238041; --changed: #1f6fd6; --compared: #20808a; --headers: #8457d6;
    --deleted: #bb5414; --stray: #8f6a12; --unchanged: #353e48; --skipped: #252c35; --on-quiet: #dde4eb;
  }
}
.s-failed { --fill: var(--failed); } .s-unknown { --fill: var(--unknown); } .s-new { --fill: var(--new); }
.s-changed { --fill: var(--changed); } .s-not-compared { --fill: var(--compared); } .s-headers { --fill: var(--headers); }
.s-deleted { --fill: var(--deleted); } .s-stray { --fill: var(--stray); }
.s-unchanged { --fill: var(--unchanged); --on: var(--on-quiet); } .s-skipped { --fill: var(--skipped); --on: var(--on-quiet); }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1200px; padding: 24px 16px 40px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--link); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { width: auto; height: auto; clip-path: none; padding: 4px 8px; background: var(--card); }
code, .objects td:nth-child(2), .paths { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9em; }
.kicker { margin: 0; color: var(--faint); display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
h1 { margin: 2px 0 10px; font-size: clamp(1.35rem, 1rem + 2vw, 2rem); line-height: 1.2; font-weight: 650; letter-spacing: -0.01em;
  overflow-wrap: anywhere; }
h1 a { color: inherit; text-decoration-thickness: 1px; text-decoration-color: var(--line); }
h2 { margin: 0 0 10px; font-size: 1.05rem; line-height: 1.3; font-weight: 650; }
.badge { border-radius: 99px; padding: 1px 10px; font-size: 0.8rem; font-weight: 600; color: var(--on); background: var(--new); }
.badge.bad { background: var(--failed); } .badge.warned { background: var(--stray); } .badge.dry { background: var(--changed); }
.about { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 0 0 20px; }
.about dt { color: var(--faint); font-size: 0.78rem; } .about dd { margin: 0; overflow-wrap: anywhere; }
section, .banner { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 0 0 16px; }
.banner { border-left: 6px solid var(--failed); } .banner p { margin: 0; overflow-wrap: anywhere; }
.summary { margin: 0 0 10px; }
.tiles { list-style: none; margin: 0 0 16px; padding: 0; display: flex; flex-wrap: wrap; gap: 8px; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 6px 14px 6px 12px; color: var(--faint);
  font-size: 0.85rem; }
.tiles b { color: var(--text); font-size: 1.15rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.tiles i, .key i, .objects td i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; background: var(--fill);
  border: 1px solid color-mix(in srgb, var(--text) 18%, transparent); }
.key { margin-left: 10px; white-space: nowrap; }
figure { margin: 0; } figcaption, .note, footer, .faint { color: var(--faint); } figcaption, .note, footer { font-size: 0.85rem; }
figcaption { margin-top: 6px; } .note { margin: 6px 0 0; }
footer { padding: 4px 0; }
svg { display: block; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; overflow: hidden; }
.treemap { border-radius: 6px; }
.treemap rect { fill: var(--fill); stroke: var(--card); stroke-width: 1.5px; }
.treemap text { fill: var(--on); pointer-events: none; } .treemap .size { font-size: 10px; }
.treemap .folder rect { fill: var(--shade); } .treemap .folder text { fill: var(--text); font-weight: 600; }
.treemap g:not(.folder):hover rect { stroke: var(--text); }
.chart text { fill: var(--faint); } .chart line { stroke: var(--line); } .chart .axis { stroke: var(--faint); }
.r-ok { fill: var(--changed); --fill: var(--changed); } .r-throttled { fill: var(--stray); --fill: var(--stray); }
.r-failed { fill: var(--failed); --fill: var(--failed); }
.columns { display: flex; flex-wrap: wrap; gap: 12px 40px; margin-top: 10px; align-items: flex-start; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 0.88rem; }
section > .scroll > table { min-width: 100%; } section > .scroll td:first-child { min-width: min(12em, 30vw); }
th { text-align: left; color: var(--faint); font-weight: 600; white-space: nowrap; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
td { overflow-wrap: anywhere; min-width: 5.5em; font-variant-numeric: tabular-nums; unicode-bidi: isolate; }
ul { margin: 0; padding-left: 20px; } li + li { margin-top: 4px; } .tiles li, .paths li { margin-top: 0; } summary { cursor: pointer; margin-top: 6px; color: var(--link); } li { overflow-wrap: anywhere; } .tiles, .paths { padding: 0; } .paths { list-style: none; }
.tools { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin-bottom: 8px; }
.tools[hidden] { display: none; } .tools p { margin: 0; color: var(--faint); font-size: 0.85rem; }
.tools label { display: flex; gap: 8px; align-items: center; color: var(--faint); font-size: 0.85rem; }
input, select, button { font: inherit; color: var(--text); background: var(--back); border: 1px solid var(--faint); border-radius: 6px;
  padding: 4px 10px; }
input { width: min(320px, 60vw); font-size: 16px; }
.more { margin: 10px 0 0; } button { cursor: pointer; }
th button { border: 0; background: none; padding: 0; font-weight: 600; color: inherit; border-radius: 2px; }
th button::after { content: "↕"; margin-left: 4px; opacity: 0.55; } th[aria-sort] { color: var(--text); }
th[aria-sort="ascending"] button::after { content: "↑"; opacity: 1; } th[aria-sort="descending"] button::after { content: "↓"; opacity: 1; }
#objects { content-visibility: auto; contain-intrinsic-size: auto 4000px; }
.objects { table-layout: fixed; width: 100%; }
.objects td { min-width: 0; }
.c-result { width: 164px; } .c-type { width: 15%; } .c-cache-control { width: 18%; } .c-size { width: 160px; } .c-reason { width: 18%; }
@media (min-width: 740px) { svg .u1 { display: none; } }
@media (min-width: 1080px) { svg .u2 { display: none; } }
@media (max-width: 1079.98px) { svg .f2 { display: none; } }
@media (max-width: 739.98px) {
  body { padding-top: 16px; }
  svg .f1 { display: none; }
  section { padding: 12px; }
  .objects, .objects tbody { display: block; }
  .objects thead tr { display: flex; flex-wrap: wrap; gap: 2px 16px; border-bottom: 1px solid var(--line); padding-bottom: 6px; }
  .objects th { width: auto; padding: 0; border: 0; }
  .objects tbody tr { display: grid; grid-template-columns: auto 1fr; gap: 0 10px; padding: 7px 0; border-bottom: 1px solid var(--line); }
  .objects td { border: 0; padding: 0; } .objects td:empty { display: none; }
  .objects td:nth-child(2) { grid-column: 1 / -1; grid-row: 1; }
  .objects td:nth-child(5) { text-align: right; grid-row: 2; grid-column: 2; }
  .objects td:nth-child(1) { grid-row: 2; grid-column: 1; }
  .objects td:nth-child(n + 3):not(:nth-child(5)) { grid-column: 1 / -1; color: var(--faint); font-size: 0.82rem; }
}
@media print { .tools, .more, .skip { display: none; } body { max-width: none; } section { break-inside: auto; } }
`;
