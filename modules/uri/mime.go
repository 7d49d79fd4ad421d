package uri

import (
	"os"
	"path/filepath"
	"strings"
)

// guess gives the content type of a file's name: what the host's list says
// (mime.types(5)), or what Python knows by itself.
func guess(name string) string {
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if ext == "" {
		return "application/octet-stream"
	}
	for _, path := range []string{"/etc/mime.types", "/etc/httpd/mime.types", "/etc/httpd/conf/mime.types", "/etc/apache/mime.types", "/etc/apache2/mime.types"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if kind := listed(string(data), ext); kind != "" {
			return kind
		}
	}
	if kind := listed(builtin, ext); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// listed looks an extension up in lines TYPE EXTENSION..., the last one wins.
func listed(list, ext string) (kind string) {
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		for i, f := range fields {
			if i > 0 && f == ext {
				kind = fields[0]
			}
		}
	}
	return kind
}

const builtin = `
application/javascript js mjs
application/json json
application/manifest+json webmanifest
application/msword doc dot wiz
application/octet-stream bin a dll exe o obj so
application/oda oda
application/pdf pdf
application/pkcs7-mime p7c
application/postscript ps ai eps
application/vnd.apple.mpegurl m3u m3u8
application/vnd.ms-excel xls xlb
application/vnd.ms-powerpoint ppt pot ppa pps pwz
application/wasm wasm
application/x-csh csh
application/x-gtar gtar
application/x-hdf hdf
application/x-hdf5 h5
application/x-latex latex
application/x-pkcs12 p12 pfx
application/x-python-code pyc pyo
application/x-sh sh
application/x-shar shar
application/x-shockwave-flash swf
application/x-tar tar
application/x-tcl tcl
application/x-tex tex
application/x-texinfo texi texinfo
application/xml rdf wsdl xpdl
application/zip zip
audio/mpeg mp3 mp2
audio/x-wav wav
audio/basic au snd
audio/x-aiff aif aifc aiff
image/bmp bmp
image/gif gif
image/jpeg jpg jpe jpeg
image/png png
image/svg+xml svg
image/tiff tiff tif
image/vnd.microsoft.icon ico
image/webp webp
message/rfc822 eml mht mhtml nws
text/css css
text/csv csv
text/html html htm
text/plain txt bat c h ksh pl
text/richtext rtx
text/tab-separated-values tsv
text/x-python py
text/x-vcard vcf
text/xml xml
video/mp4 mp4
video/mpeg mpeg m1v mpa mpe mpg
video/quicktime mov qt
video/webm webm
video/x-msvideo avi
`
