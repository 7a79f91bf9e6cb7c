// Before the first paint: the theme that was chosen in this browser, if one was.
document.documentElement.dataset.theme = localStorage.getItem('rollcall-theme') ?? 'system';
