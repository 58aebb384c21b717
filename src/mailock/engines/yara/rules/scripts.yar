/*
    Scripts that fetch and start other programs. A letter that talks of one has the same words, so each rule asks for
    what works only together, and most of them say suspicious: what a part is called decides the rest, and rules of the
    policy see that.
*/

rule script_fetches_and_starts {
    meta:
        kind = "yara.script"
        severity = "suspicious"
        confidence = "high"
        description = "a script for Windows that fetches something and starts a program"
    strings:
        $shell1 = "WScript.Shell" nocase ascii wide
        $shell2 = "Shell.Application" nocase ascii wide
        $shell3 = "Win32_Process" nocase ascii wide
        $fetch1 = "MSXML2.XMLHTTP" nocase ascii wide
        $fetch2 = "MSXML2.ServerXMLHTTP" nocase ascii wide
        $fetch3 = "WinHttp.WinHttpRequest" nocase ascii wide
        $fetch4 = "ADODB.Stream" nocase ascii wide
        $fetch5 = "Microsoft.XMLHTTP" nocase ascii wide
        $start = /\.\s{0,4}(Run|Exec|ShellExecute|Create)\s{0,4}[\(" ]/ nocase ascii wide
    condition:
        filesize < 4MB and any of ($shell*) and any of ($fetch*) and $start
}

rule script_starts_hidden_powershell {
    meta:
        kind = "yara.script"
        severity = "suspicious"
        confidence = "high"
        description = "a call of PowerShell with commands that are encoded, or with a window that is hidden"
    strings:
        $shell1 = "powershell" nocase ascii wide
        $shell2 = "pwsh" nocase ascii wide
        $encoded = /[\-\/]e(c|n|nc|nco|ncod|ncode|ncoded|ncodedc\w{0,6})?\s{1,8}["']?[A-Za-z0-9+\/]{40}/ nocase ascii wide
        $hidden1 = /[\-\/]w(in|indow|indowstyle)?\s{1,8}["']?h(id|idden)\b/ nocase ascii wide
        $fetch1 = "DownloadString" nocase ascii wide
        $fetch2 = "DownloadFile" nocase ascii wide
        $fetch3 = "DownloadData" nocase ascii wide
        $fetch4 = "Invoke-WebRequest" nocase ascii wide
        $fetch5 = "Invoke-Expression" nocase ascii wide
        $fetch6 = "Start-BitsTransfer" nocase ascii wide
        $fetch7 = "FromBase64String" nocase ascii wide
        $fetch8 = /\b(iex|iwr)\b/ nocase ascii wide
    condition:
        filesize < 4MB and any of ($shell*) and ($encoded or $hidden1 and any of ($fetch*))
}

rule script_downloads_by_powershell {
    meta:
        kind = "yara.script"
        severity = "suspicious"
        confidence = "medium"
        description = "commands of PowerShell that fetch code and run it at once"
    strings:
        $fetch1 = "Net.WebClient" nocase ascii wide
        $fetch2 = "Invoke-WebRequest" nocase ascii wide
        $fetch3 = "Invoke-RestMethod" nocase ascii wide
        $fetch4 = /\b(iwr|irm)\s{1,4}[^\r\n]{0,20}https?:/ nocase ascii wide
        $pipe = /\|\s{0,4}(iex|Invoke-Expression)\b/ nocase ascii wide
        $call = /\b(iex|Invoke-Expression)[\s\(&]{1,10}(New-Object|\$|\(|\[|iwr|irm|Invoke-)/ nocase ascii wide
    condition:
        filesize < 4MB and any of ($fetch*) and any of ($pipe, $call)
}

rule script_uses_windows_tools_to_fetch {
    meta:
        kind = "yara.script"
        severity = "suspicious"
        confidence = "medium"
        description = "a call of a Windows tool that fetches or runs code from elsewhere"
    strings:
        $certutil = /\bcertutil(\.exe)?["' ]{1,4}[\-\/][^\r\n]{0,40}https?:/ nocase ascii wide
        $bits = /\bbitsadmin(\.exe)?["' ]{1,4}\/transfer\b[^\r\n]{0,60}https?:/ nocase ascii wide
        $mshta = /\bmshta(\.exe)?["' ]{1,4}["']?(https?:|javascript:|vbscript:)/ nocase ascii wide
        $regsvr = /\bregsvr32(\.exe)?["' ]{1,4}[^\r\n]{0,30}\/i:["']?https?:/ nocase ascii wide
        $rundll = /\brundll32(\.exe)?["' ]{1,4}[^\r\n]{0,20}(javascript:|mshtml,\s?RunHTMLApplication)/ nocase ascii wide
        $installer = /\bmsiexec(\.exe)?["' ]{1,4}[^\r\n]{0,20}[\-\/](i|package)\s{0,4}["']?https?:/ nocase ascii wide
    condition:
        filesize < 4MB and any of them
}

rule script_hides_what_it_runs {
    meta:
        kind = "yara.script"
        severity = "suspicious"
        confidence = "medium"
        description = "a script that puts its own text together from numbers and runs it"
    strings:
        $codes1 = /fromCharCode\s{0,4}\(\s{0,4}[0-9a-fx]{1,6}\s{0,2}(,\s{0,2}[0-9a-fx]{1,6}\s{0,2}){40}/ nocase
        $codes2 = /(chr[wb]?\s{0,2}\((&h)?[0-9a-f]{1,6}\)\s{0,2}[&+]\s{0,2}){25}/ nocase
        $run1 = /\beval\s{0,4}\(/ nocase
        $run2 = /\b(execute|executeglobal)\b[\s\(]/ nocase
        $run3 = /\bnew\s{1,4}Function\s{0,4}\(/
        $run4 = /document\s{0,4}\.\s{0,4}write(ln)?\s{0,4}\(/ nocase
    condition:
        filesize < 4MB and any of ($codes*) and any of ($run*)
}

rule web_shell {
    meta:
        kind = "yara.script"
        severity = "malicious"
        confidence = "high"
        description = "a page for web servers that runs what its caller sends"
    strings:
        $php = /\b(eval|assert|system|passthru|shell_exec)\s{0,4}\(\s{0,4}((base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes)\s{0,4}\(\s{0,4}){0,4}\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $asp = /\b(eval|execute(global)?)\s{0,4}[\( ]\s{0,4}request\s{0,4}(\.item\s{0,4})?[\(\[]/ nocase
        $page1 = "<?"
        $page2 = "<%"
    condition:
        filesize < 4MB and ($php and $page1 or $asp and $page2)
}
