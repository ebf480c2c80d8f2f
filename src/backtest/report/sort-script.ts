/** Makes columns sortable by their heads. The report is complete without it. */
export const SORT_SCRIPT = `for(const t of document.querySelectorAll('table[data-sort]'))t.querySelectorAll('thead th').forEach((h,i)=>{const b=document.createElement('button');b.textContent=h.textContent;h.textContent='';h.append(b);b.addEventListener('click',()=>{const s=h.getAttribute('aria-sort')==='descending'?1:-1;for(const o of t.querySelectorAll('thead th'))o.removeAttribute('aria-sort');h.setAttribute('aria-sort',s>0?'ascending':'descending');const k=r=>{const c=r.cells[i],x=c.dataset.v??c.textContent,n=Number(x.replace(/[ ,%]/g,'').replace('\\u2212','-'));return x==='\\u2013'?-Infinity:Number.isNaN(n)?x:n};const d=t.tBodies[0];d.append(...[...d.rows].map(r=>[k(r),r]).sort(([a],[b])=>a<b?-s:a>b?s:0).map(p=>p[1]))})})`

/**
 * SHA-256 of the script, for the content security policy: no other script may run, whatever a name
 * holds.
 */
export const SORT_SCRIPT_SHA256 = 'e8LCF6Qg+Tpl10Jb6y+bQFHYk7VFKxAwKdDw+LiZ99M='
