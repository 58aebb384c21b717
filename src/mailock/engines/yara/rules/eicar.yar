/*
    The industry's test file for scanners (EICAR, 2003). It stands here in hexadecimal, so that no scanner of a disk takes
    this file for it. By its definition it begins the file; what follows does not matter to us, nor do a few octets before
    it, such as a byte order mark. Elsewhere it is the test file within something that nobody took apart, or is talked of.
*/

rule eicar_test_file {
    meta:
        kind = "eicar"
        severity = "malicious"
        confidence = "high"
        description = "the industry's test file"
    strings:
        $eicar = {
            58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52
            2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B
            48 2A
        }
    condition:
        $eicar in (0..16)
}

rule eicar_inside {
    meta:
        kind = "eicar"
        severity = "malicious"
        confidence = "medium"
        description = "the industry's test file, on a line of its own or within something that is no text"
    strings:
        $eicar = {
            58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52
            2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B
            48 2A
        }
        $line = {
            (0A | 0D) 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45
            49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45
            21 24 48 2B 48 2A
        }
    condition:
        not eicar_test_file and $eicar and ($line or for any i in (0..63) : (uint8(i) < 9))
}

rule eicar_quoted {
    meta:
        kind = "eicar.quoted"
        severity = "suspicious"
        confidence = "low"
        description = "the text of the industry's test file, within other text"
    strings:
        $eicar = {
            58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52
            2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B
            48 2A
        }
    condition:
        $eicar and not eicar_test_file and not eicar_inside
}
