/**
 * An address as it may be printed. A user name, a password, a query and a fragment may be keys: they are shown as `***`. An address that cannot be
 * parsed is not shown at all.
 */
export const shownUrl = (url: string): string => {
  if (url === '' || !URL.canParse(url)) return url === '' ? '' : '***'
  const { protocol, host, pathname, username, password, search, hash } = new URL(url)
  const user = username === '' && password === '' ? '' : '***@'
  return `${protocol}//${user}${host}${pathname}${search === '' ? '' : '?***'}${hash === '' ? '' : '#***'}`
}
