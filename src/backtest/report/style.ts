/**
 * Style sheet of the report: no file of others, light and dark by the reader's setting, always
 * light on paper.
 */
export const STYLE = `:root{color-scheme:light dark;--bg:#fff;--fg:#16202c;--dim:#5b677a;--line:#e6e9ef;--card:#f7f8fa;--up:#12805c;--down:#c8372d;--main:#2457d6;--bench:#98a2b3;--buy:#1f6feb;--sell:#c2410c}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0f141b;--fg:#e7ecf3;--dim:#93a1b5;--line:#243041;--card:#161d27;--up:#35c08d;--down:#f2695f;--main:#6c9bff;--bench:#66758c;--buy:#58a6ff;--sell:#ff9f43}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:24px;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
h1{font-size:22px;margin:0;overflow-wrap:anywhere}h2{font-size:15px;margin:28px 0 8px}
.sub{color:var(--dim);margin:2px 0 18px}.none,.note{color:var(--dim)}
.cards{display:grid;grid-template-columns:repeat(8,minmax(0,1fr));gap:8px}
@media(max-width:1100px){.cards{grid-template-columns:repeat(4,minmax(0,1fr))}}@media(max-width:520px){.cards{grid-template-columns:repeat(2,minmax(0,1fr))}}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 10px}
.card span{display:block;font-size:11px;letter-spacing:-.2px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.card b{display:block;font-size:18px;font-variant-numeric:tabular-nums;white-space:nowrap}.card span,.card small{color:var(--dim);font-size:12px}
.pos{color:var(--up)}.neg{color:var(--down)}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 24px}.two>section{min-width:0}
.legend{float:right;color:var(--dim);font-size:12px;font-weight:400}.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;margin:0 5px 3px 12px;background:var(--main)}.legend i.b{background:var(--bench)}
svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line);fill:none}.tick{fill:var(--dim);font-size:11px}.end{text-anchor:end}.mid{text-anchor:middle}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}.main{stroke:var(--main)}.bench{stroke:var(--bench);stroke-width:1.2}.fall{stroke:var(--down);stroke-width:1}
.area{fill:var(--down);fill-opacity:.16}.use .area{fill:var(--main)}
.up{fill:var(--up)}.down{fill:var(--down)}.candles{opacity:.75}.mean{stroke:var(--dim);stroke-dasharray:3 3;fill:none}
.dots{fill:none;stroke-width:7;stroke-linecap:round;stroke-opacity:.65}.won{stroke:var(--up)}.lost{stroke:var(--down)}
.fill{stroke:var(--bg);stroke-width:1}.buy{fill:var(--buy)}.sell{fill:var(--sell)}.bought{color:var(--buy)}.sold{color:var(--sell)}
.live{width:100%;margin-top:2px}.has-live>svg{display:none}.has-live{position:relative}.read{margin:0;color:var(--dim);font-size:12px;font-variant-numeric:tabular-nums;white-space:pre-wrap}.u-select{background:color-mix(in srgb,var(--main) 14%,transparent)}
a{color:inherit}
.scroll{overflow:auto;max-height:460px}.scroll thead th{position:sticky;top:0;background:var(--bg)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{color:var(--dim);font-weight:500}th:first-child,td:first-child,th.text,td.text{text-align:left}td.wrap{white-space:normal;text-align:left;overflow-wrap:anywhere}.pairs td{white-space:normal}.pairs td+td{text-align:right;overflow-wrap:anywhere;min-width:11em}
.months td{border:2px solid var(--bg);border-radius:5px;text-align:center;padding:5px 2px}.months th{text-align:center;padding:4px 2px}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--main)}th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
footer{margin-top:28px;border-top:1px solid var(--line);padding-top:12px;color:var(--dim);font-size:12px}
@media(max-width:800px){.two{grid-template-columns:1fr}body{padding:12px}}
@media print{.live,.read{display:none}.has-live>svg{display:block}body{max-width:none;padding:0;font-size:11px}.scroll{max-height:none;overflow:visible}section,.card{break-inside:avoid}section.long{break-inside:auto}thead{display:table-header-group}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`
