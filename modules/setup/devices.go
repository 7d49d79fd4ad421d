package setup

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// devices gives the block devices with their partitions, and the names udev
// has for them.
func (h *host) devices(ctx context.Context) *value.Dict {
	l := h.deviceLinks()
	pci := h.pciNames(ctx)
	all := value.NewDict(16)
	for _, name := range h.names("/sys/block") {
		dir := "/sys/block/" + name
		if to := h.link(dir); to != "" {
			dir = path.Join("/sys/block", to)
		}
		all.SetStr(name, h.device(ctx, dir, name, l, pci))
	}
	return value.DictOf("devices", all, "device_links", l.facts())
}

func (h *host) device(ctx context.Context, dir, name string, l *links, pci map[string]string) *value.Dict {
	d := value.DictOf("virtual", value.Int(1), "links", l.of(name))
	for _, key := range []string{"vendor", "model", "sas_address", "sas_device_handle"} {
		d.SetStr(key, textOrNone(h.text(dir+"/device/"+key)))
	}
	if sg := h.program("sg_inq"); sg != "" {
		if out, ok := h.output(ctx, sg, "/dev/"+name); ok {
			for _, line := range lines(out) {
				if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "Unit serial number" {
					d.SetStr("serial", value.Str(strings.TrimSpace(v)))
				}
			}
		}
	}
	for fact, file := range map[string]string{"removable": "removable", "support_discard": "queue/discard_granularity"} {
		d.SetStr(fact, textOrNone(h.text(dir+"/"+file)))
	}
	if id := l.wwn(name); id != "" {
		d.SetStr("wwn", value.Str(id))
	}
	d.SetStr("partitions", h.partitions(dir, name, l))
	d.SetStr("rotational", textOrNone(h.text(dir+"/queue/rotational")))
	d.SetStr("scheduler_mode", value.Str(scheduler(h.text(dir+"/queue/scheduler"))))
	h.size(d, dir, h.sectorSize(dir))
	d.SetStr("host", value.Str(pci[pciID(h.real(dir))]))
	d.SetStr("holders", h.holders(dir))
	return d
}

func (h *host) partitions(dir, name string, l *links) *value.Dict {
	all := value.NewDict(4)
	for _, entry := range h.names(dir) {
		if !isPartition(entry, name) {
			continue
		}
		at := dir + "/" + entry
		p := value.DictOf("links", l.of(entry), "start", value.Str(h.textOr(at+"/start", "0")))
		h.size(p, at, h.sectorSize(at))
		uuid := value.Value(value.None)
		if ids := l.kinds["uuids"][entry]; len(ids) > 0 {
			uuid = value.Str(ids[0])
		}
		p.SetStr("uuid", uuid)
		p.SetStr("holders", h.holders(at))
		all.SetStr(entry, p)
	}
	return all
}

// isPartition takes sda1 of sda and nvme0n1p1 of nvme0n1.
func isPartition(entry, name string) bool {
	rest, ok := strings.CutPrefix(entry, name)
	rest = strings.TrimPrefix(rest, "p")
	_, err := strconv.ParseUint(rest, 10, 32)
	return ok && err == nil
}

// sectorSize is a number only where the kernel tells none, as for partitions.
func (h *host) sectorSize(dir string) value.Value {
	if text := h.textOr(dir+"/queue/logical_block_size", h.text(dir+"/queue/hw_sector_size")); text != "" {
		return value.Str(text)
	}
	return value.Int(512)
}

// size adds the size of a device; the kernel counts in 512 bytes whatever the
// size of a sector.
func (h *host) size(d *value.Dict, dir string, sectorSize value.Value) {
	sectors, _ := strconv.ParseInt(h.text(dir+"/size"), 10, 64)
	d.SetStr("sectors", value.Int(sectors))
	d.SetStr("sectorsize", sectorSize)
	d.SetStr("size", value.Str(humanBytes(float64(sectors)*512)))
}

// humanBytes writes 256.00 GB and 0.00 Bytes.
func humanBytes(n float64) string {
	units := []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	i := 0
	for ; n >= 1024 && i < len(units)-1; i++ {
		n /= 1024
	}
	return fmt.Sprintf("%.2f %s", n, units[i])
}

// scheduler gives the one in brackets.
func scheduler(text string) string {
	_, in, _ := strings.Cut(text, "[")
	in, _, ok := strings.Cut(in, "]")
	if !ok {
		return ""
	}
	return in
}

func (h *host) holders(dir string) *value.List {
	l := value.NewList()
	for _, holder := range h.names(dir + "/holders") {
		name := holder
		if strings.HasPrefix(holder, "dm-") {
			name = h.textOr(dir+"/holders/"+holder+"/dm/name", holder)
		}
		l.Items = append(l.Items, value.Str(name))
	}
	return l
}

// pciNames asks lspci for the names of PCI devices by their ids.
func (h *host) pciNames(ctx context.Context) map[string]string {
	names := map[string]string{}
	if lspci := h.program("lspci"); lspci != "" && h.isDir("/sys/bus/pci/devices") && len(h.names("/sys/bus/pci/devices")) > 0 {
		out, _ := h.output(ctx, lspci, "-D")
		for _, line := range lines(out) {
			if id, name, ok := strings.Cut(line, " "); ok {
				names[id] = name
			}
		}
	}
	return names
}

// pciID gives the last PCI address in a path of sysfs.
func pciID(dir string) string {
	parts := strings.Split(dir, "/")
	for _, p := range slices.Backward(parts) {
		if len(p) == 12 && p[4] == ':' && p[7] == ':' && p[10] == '.' {
			return p
		}
	}
	return ""
}

func textOrNone(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

// links are the names that /dev/disk has for devices, and which devices stand
// on which.
type links struct {
	kinds map[string]map[string][]string
}

var linkKinds = []string{"ids", "uuids", "labels", "masters"}

func (h *host) deviceLinks() *links {
	l := &links{map[string]map[string][]string{}}
	for _, kind := range []struct{ name, dir string }{{"ids", "by-id"}, {"uuids", "by-uuid"}, {"labels", "by-label"}} {
		dir := "/dev/disk/" + kind.dir
		l.kinds[kind.name] = map[string][]string{}
		for _, name := range h.names(dir) {
			if to := h.link(dir + "/" + name); to != "" {
				l.add(kind.name, path.Base(to), name)
			}
		}
	}
	l.kinds["masters"] = map[string][]string{}
	for _, p := range h.glob("/sys/block/*/slaves/*") {
		l.add("masters", path.Base(p), strings.Split(p, "/")[3])
	}
	return l
}

func (l *links) add(kind, device, name string) {
	l.kinds[kind][device] = append(l.kinds[kind][device], name)
	slices.Sort(l.kinds[kind][device])
}

func (l *links) of(device string) *value.Dict {
	d := value.NewDict(4)
	for _, kind := range linkKinds {
		d.SetStr(kind, value.Strings(l.kinds[kind][device]...))
	}
	return d
}

func (l *links) wwn(device string) string {
	for _, id := range l.kinds["ids"][device] {
		if n, ok := strings.CutPrefix(id, "wwn-"); ok {
			return n
		}
	}
	return ""
}

func (l *links) facts() *value.Dict {
	d := value.NewDict(4)
	for _, kind := range linkKinds {
		devices := value.NewDict(8)
		names := make([]string, 0, len(l.kinds[kind]))
		for name := range l.kinds[kind] {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			devices.SetStr(name, value.Strings(l.kinds[kind][name]...))
		}
		d.SetStr(kind, devices)
	}
	return d
}

func euid() int { return os.Geteuid() }
