/*
    Shortcuts: small files that start something when they are opened. Honest ones are hardly ever sent by mail, and
    honest ones start no interpreter.
*/

rule shortcut_starts_an_interpreter {
    meta:
        kind = "yara.shortcut"
        severity = "malicious"
        confidence = "high"
        description = "a Windows shortcut that starts a command interpreter"
    strings:
        $powershell = "powershell" nocase ascii wide
        $pwsh = "pwsh.exe" nocase ascii wide
        $mshta = "mshta" nocase ascii wide
        $wscript = "wscript" nocase ascii wide
        $cscript = "cscript" nocase ascii wide
        $rundll = "rundll32" nocase ascii wide
        $regsvr = "regsvr32" nocase ascii wide
        $certutil = "certutil" nocase ascii wide
        $msiexec = "msiexec" nocase ascii wide
        $cmd = /cmd(\.exe)?["' ]{1,4}[^\x00]{0,80}\/[cvk]/ nocase ascii wide
        $forfiles = "forfiles" nocase ascii wide
        $conhost = "conhost" nocase ascii wide
        $ssh = "ProxyCommand" nocase ascii wide
    condition:
        uint32be(0) == 0x4C000000 and uint32be(4) == 0x01140200 and uint32be(8) == 0x00000000 and any of them
}

rule shortcut_carries_a_file {
    meta:
        kind = "yara.shortcut"
        severity = "suspicious"
        confidence = "high"
        description = "a Windows shortcut that is far larger than any shortcut has to be"
    condition:
        uint32be(0) == 0x4C000000 and uint32be(4) == 0x01140200 and uint32be(8) == 0x00000000 and filesize > 100KB
}

rule internet_shortcut_to_a_file {
    meta:
        kind = "yara.shortcut"
        severity = "suspicious"
        confidence = "high"
        description = "an Internet shortcut that opens a file on another machine"
    strings:
        $head = /\[(InternetShortcut|DEFAULT)\]/ nocase
        $file = /[\r\n]\s{0,8}(Base)?URL\s{0,4}=\s{0,4}["']?(file:|\\\\|search-ms:|ms-search:|zip:|vbscript:|javascript:)/ nocase
    condition:
        filesize < 64KB and $head and $file
}

rule internet_shortcut_starts_a_program {
    meta:
        kind = "yara.shortcut"
        severity = "malicious"
        confidence = "high"
        description = "an Internet shortcut that starts a program from another machine"
    strings:
        $head = /\[(InternetShortcut|DEFAULT)\]/ nocase
        $file = /[\r\n]\s{0,8}(Base)?URL\s{0,4}=\s{0,4}["']?(file:|\\\\)[^\r\n]{0,200}\.(exe|scr|com|pif|bat|cmd|js|jse|vbs|vbe|wsf|hta|lnk|msi|cpl|ps1|jar|url)["']?\s{0,4}[\r\n]/ nocase
        $working = /[\r\n]\s{0,8}WorkingDirectory\s{0,4}=\s{0,4}(file:|\\\\)/ nocase
    condition:
        filesize < 64KB and $head and any of ($file, $working)
}

rule settings_page_starts_a_program {
    meta:
        kind = "yara.shortcut"
        severity = "malicious"
        confidence = "high"
        description = "a shortcut to a settings page that starts a command interpreter"
    strings:
        $root = "<PCSettings" nocase ascii wide
        $link = /<DeepLink>[^<]{0,200}(cmd|powershell|mshta|wscript|cscript|rundll32)(\.exe)?\b/ nocase ascii wide
    condition:
        filesize < 256KB and all of them
}

rule search_page_on_another_machine {
    meta:
        kind = "yara.shortcut"
        severity = "suspicious"
        confidence = "high"
        description = "a library or search page whose files are on another machine, which learns who opens it"
    strings:
        $library = "<libraryDescription" nocase ascii wide
        $search = "<searchConnectorDescription" nocase ascii wide
        $share = /<url>\s{0,8}(\\\\|file:\/\/|https?:)/ nocase ascii wide
    condition:
        filesize < 256KB and any of ($library, $search) and $share
}
