"""CWE numbers of rules whose scanner names none in its report, or names one that is too vague to compare.

Facts: bandit 1.9.4 (`issue.cwe` of its plugins and blacklists; ruff and flake8 number the same checks `S…`), gosec 2.22
(`ruleToCWE` in issue/issue.go), njsscan 1.0.2 (`metadata.cwe` of its rules). eslint-plugin-security names none: these
are of what its documentation says of each rule.
"""

from __future__ import annotations

import re

_BANDIT = {
    20: "B411",
    22: "B202 B310",
    78: "B404 B601 B602 B603 B604 B605 B606 B607",
    79: "B308 B701 B704",
    80: "B702 B703",
    89: "B608 B610 B611",
    94: "B612",
    155: "B609",
    259: "B105 B106 B107",
    284: "B412",
    295: "B323 B501 B507",
    319: "B312 B321 B401 B402 B415 B508 B509",
    326: "B505",
    327: "B303 B304 B305 B324 B413 B502 B503 B504",
    330: "B311",
    377: "B108 B306",
    400: "B113",
    494: "B615",
    502: "B301 B302 B403 B506 B614",
    605: "B104",
    703: "B101 B110 B112",
    732: "B103",
    838: "B613",
    95: "B102 B307",
    489: "B201",
    611: "B313 B314 B315 B316 B317 B318 B319 B320 B405 B406 B407 B408 B409 B410",
}
# Bandit itself gives 78 for B102 and B307 (exec, eval), 94 for B201 (Flask's debugger) and B701 (Jinja2 without
# escaping), 20 for B506 (yaml.load) and the XML parsers: parents or siblings of what all others give for that code.

_GOSEC = {
    22: "G111 G304 G305 G703",
    78: "G204 G702",
    79: "G203 G705",
    88: "G107",
    89: "G201 G202 G701",
    93: "G707",
    94: "G708",
    117: "G706",
    118: "G601 G602",
    190: "G109 G115",
    200: "G102 G108 G119",
    242: "G103",
    276: "G301 G302 G306 G307",
    287: "G408",
    295: "G123 G402",
    310: "G403",
    322: "G106",
    327: "G405 G501 G502 G503 G504 G505 G506 G507",
    328: "G401 G406",
    338: "G404",
    346: "G121",
    367: "G122",
    377: "G303",
    400: "G112 G118 G120",
    409: "G110",
    444: "G113",
    499: "G117",
    502: "G709",
    601: "G710",
    614: "G124",
    676: "G114",
    703: "G104",
    798: "G101",
    838: "G116",
    918: "G704",
    1204: "G407",
}

_ESLINT = {
    22: "security/detect-non-literal-fs-filename",
    78: "security/detect-child-process",
    79: "security/detect-disable-mustache-escape",
    94: "security/detect-bidi-characters",
    95: "security/detect-eval-with-expression no-eval no-implied-eval no-new-func",
    119: "security/detect-buffer-noassert",
    185: "security/detect-non-literal-regexp security/detect-unsafe-regex",
    208: "security/detect-possible-timing-attacks",
    338: "security/detect-pseudoRandomBytes",
    352: "security/detect-no-csrf-before-method-override",
    665: "security/detect-new-buffer",
    706: "security/detect-non-literal-require",
    915: "security/detect-object-injection",
}

_NJSSCAN = {
    20: "host_header_injection",
    22: "admzip_path_overwrite join_resolve_path_traversal tar_path_overwrite zip_path_overwrite zip_path_overwrite2",
    23: "express_lfr express_lfr_warning generic_path_traversal",
    78: "generic_os_command_exec shelljs_os_command_exec",
    79: "dom_xss dust_template ejs_ect_template express_xss handlebar_mustache_template handlebars_safestring"
    " pug_jade_template squirrelly_autoescape squirrelly_template underscore_template vue_template",
    80: "handlebars_noescape xss_serialize_javascript",
    89: "node_knex_sqli_injection node_sqli_injection",
    94: "sandbox_code_injection server_side_template_injection vm2_code_injection vm2_context_injection"
    " vm_code_injection vm_compilefunction_injection vm_runincontext_injection vm_runinnewcontext_injection",
    95: "eval_nodejs",
    116: "xss_disable_mustache_escape",
    119: "buffer_noassert",
    185: "regex_dos regex_injection_dos",
    208: "node_timing_attack",
    209: "generic_error_disclosure node_error_disclosure",
    272: "electron_blink_integration electron_experimental_features electron_nodejs_integration",
    295: "node_tls_reject sequelize_tls_cert_validation",
    319: "electron_allow_http sequelize_tls",
    327: "node_aes_ecb node_aes_noiv node_jwt_none_algorithm node_md5 node_sha1 node_weak_crypto",
    338: "node_insecure_random_generator",
    346: "electron_disable_websecurity express_cors generic_cors",
    352: "anti_csrf_control",
    400: "express_bodyparser layer7_object_dos",
    502: "grpc_insecure_connection node_deserialize serializetojs_deserialize yaml_deserialize",
    522: "cookie_session_default cookie_session_no_domain cookie_session_no_path hardcoded_passport_secret"
    " jwt_exposed_credentials jwt_exposed_data jwt_express_hardcoded jwt_not_revoked",
    599: "node_curl_ssl_verify_disable",
    601: "express_open_redirect express_open_redirect2",
    611: "node_xxe xxe_expat xxe_sax xxe_xml2json",
    613: "cookie_session_no_maxage",
    614: "cookie_session_no_secure",
    643: "node_xpath_injection",
    644: "generic_header_injection",
    693: "electron_context_isolation header_xss_generic header_xss_lusca helmet_feature_disabled",
    706: "eval_require",
    757: "sequelize_weak_tls",
    776: "node_entity_expansion",
    798: "hardcoded_jwt_secret node_api_key node_password node_secret node_username",
    807: "node_logic_bypass",
    918: "node_ssrf phantom_ssrf playwright_ssrf puppeteer_ssrf wkhtmltoimage_ssrf wkhtmltopdf_ssrf",
    1004: "cookie_session_no_httponly",
    1275: "cookie_session_no_samesite",
}
# njsscan itself gives 400 for regex_injection_dos and 327 for node_insecure_random_generator.


def _by_rule(table: dict[int, str]) -> dict[str, int]:
    return {rule: cwe for cwe, rules in table.items() for rule in rules.split()}


_BANDIT_RULES = _by_rule(_BANDIT)
_TABLES = {
    "bandit": _BANDIT_RULES,
    "ruff": {f"S{rule[1:]}": cwe for rule, cwe in _BANDIT_RULES.items()},
    "gosec": _by_rule(_GOSEC),
    "eslint": _by_rule(_ESLINT),
    "njsscan": _by_rule(_NJSSCAN),
}
_TABLES["flake8"] = _TABLES["ruff"]
_TABLES["nodejsscan"] = _TABLES["njsscan"]  # the name in its SARIF

_CODE = re.compile(r"[A-Z]\d{3}\b")


def cwe_of_rule(tool: str, rule: str) -> int | None:
    """The CWE of a scanner's rule by our tables; None for one that is not in them."""
    table = _TABLES.get(tool)
    if table is None:
        return None
    found = table.get(rule)
    if found is None:
        # `B602: subprocess_popen…`, `G104 (CWE-703)`
        code = _CODE.match(rule)
        found = table.get(code.group()) if code else None
    return found
