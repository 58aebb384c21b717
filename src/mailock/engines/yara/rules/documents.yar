/*
    Documents that break the program which opens them, or that start another one. Malicious is what has no honest use;
    where old honest documents look alike, the rule says suspicious.
*/

rule rtf_equation_object_that_opens_itself {
    meta:
        kind = "yara.exploit"
        severity = "malicious"
        confidence = "high"
        description = "an RTF with an Equation Editor object that is loaded without a click (CVE-2017-11882 and its kin)"
    strings:
        $rtf = "{\\rt"
        $update = "\\objupdate" nocase
        $name = "4571756174696f6e2e" nocase
        $class = "02ce020000000000c000000000000046" nocase
    condition:
        $rtf in (0..64) and $update and any of ($name, $class)
}

rule rtf_equation_object {
    meta:
        kind = "yara.exploit"
        severity = "suspicious"
        confidence = "medium"
        description = "an RTF with an Equation Editor object, which current programs refuse to open"
    strings:
        $rtf = "{\\rt"
        $name = "4571756174696f6e2e" nocase
        $class = "02ce020000000000c000000000000046" nocase
    condition:
        $rtf in (0..64) and any of ($name, $class) and not rtf_equation_object_that_opens_itself
}

rule ms_msdt_link {
    meta:
        kind = "yara.exploit"
        severity = "malicious"
        confidence = "high"
        description = "a link to the support diagnostic tool that runs commands (CVE-2022-30190)"
    strings:
        $link = /ms-msdt:[\/\\]?(id|-id)?[^\r\n]{0,40}/ nocase ascii wide
        $parameter = /[\/\-]param\b/ nocase ascii wide
        $browse = /IT_(BrowseForFile|RebrowseForFile|LaunchMethod|SelectProgram|AutoTroubleshoot)/ nocase ascii wide
    condition:
        filesize < 4MB and all of them
}

rule moniker_link {
    meta:
        kind = "yara.exploit"
        severity = "suspicious"
        confidence = "high"
        description = "a link that makes Outlook open a remote file by a moniker (CVE-2024-21413)"
    strings:
        $link = /href\s{0,4}=\s{0,4}["']?file:[\/\\]{2,8}[^"'<>\s!]{3,100}![A-Za-z0-9]/ nocase
    condition:
        $link
}

rule pdf_launches_a_shell {
    meta:
        kind = "yara.document"
        severity = "malicious"
        confidence = "high"
        description = "a PDF that starts a command interpreter"
    strings:
        $pdf = "%PDF"
        $launch = /\/Launch\b/
        $shell = /\/F\s{0,4}[\(<].{0,60}(cmd(\.exe)?|powershell(\.exe)?|mshta(\.exe)?|wscript(\.exe)?)\s{0,2}\)/ nocase
    condition:
        $pdf in (0..1023) and $launch and $shell
}

rule sylk_with_a_macro {
    meta:
        kind = "yara.document"
        severity = "malicious"
        confidence = "high"
        description = "a SYLK sheet that runs a program when it is opened"
    strings:
        $run = /;E(CALL|EXEC|REGISTER)\s?\(/ nocase
        $auto = "Auto_Open" nocase
    condition:
        uint32be(0) == 0x49443B50 and $run and $auto
}

rule formula_that_starts_a_program {
    meta:
        kind = "yara.document"
        severity = "suspicious"
        confidence = "high"
        description = "a cell that starts a command interpreter by DDE"
    strings:
        $cell = /[=+@-]\s{0,2}(cmd|powershell|mshta|msexcel|rundll32|regsvr32)(\.exe)?\s{0,4}\|\s{0,4}'[^\r\n']{1,200}'\s{0,4}![A-Za-z0-9$]/ nocase
    condition:
        $cell
}
