package setup

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
)

// hardware joins the facts of processors, memory, firmware, disks and mounts.
func hardware(ctx context.Context, h *host) *value.Dict {
	parts := []func() *value.Dict{
		func() *value.Dict {
			if !h.exists("/proc/cpuinfo") {
				return nil
			}
			return parseCPU(h.data("/proc/cpuinfo"), h.uname().machine, h.exists("/proc/xen"), h.usableCPUs())
		},
		func() *value.Dict { return parseMemory(h.data("/proc/meminfo")) },
		func() *value.Dict { return h.firmware(ctx) },
		func() *value.Dict { return parseSysinfo(h.data("/proc/sysinfo")) },
		func() *value.Dict { return h.devices(ctx) },
		func() *value.Dict { return parseUptime(h.data("/proc/uptime")) },
		func() *value.Dict { return h.lvm(ctx) },
		func() *value.Dict { return value.DictOf("mounts", h.mounts(ctx)) },
	}
	found := make([]*value.Dict, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { found[i] = part() })
	}
	all.Wait()
	d := value.NewDict(48)
	for _, some := range found {
		for k, v := range some.All() {
			d.Set(k, v)
		}
	}
	return d
}

func parseUptime(text string) *value.Dict {
	first, _, _ := strings.Cut(text, " ")
	seconds, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return nil
	}
	return value.DictOf("uptime_seconds", value.Int(seconds))
}

// parseMemory reads /proc/meminfo, proc(5).
func parseMemory(text string) *value.Dict {
	kib := map[string]int64{}
	for _, line := range lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			kib[name] = n / 1024
		}
	}
	if len(kib) == 0 {
		return nil
	}
	// what the kernel does not tell is None, and so is what depends on it
	mb := func(plus []string, minus ...string) value.Value {
		var n int64
		for _, name := range append(slices.Clone(plus), minus...) {
			if _, ok := kib[name]; !ok {
				return value.None
			}
		}
		for _, name := range plus {
			n += kib[name]
		}
		for _, name := range minus {
			n -= kib[name]
		}
		return value.Int(n)
	}
	one := func(name string) value.Value { return mb([]string{name}) }
	d := value.NewDict(5)
	for _, f := range []struct{ fact, name string }{{"memtotal_mb", "MemTotal"}, {"memfree_mb", "MemFree"}, {"swaptotal_mb", "SwapTotal"}, {"swapfree_mb", "SwapFree"}} {
		if _, ok := kib[f.name]; ok {
			d.SetStr(f.fact, one(f.name))
		}
	}
	loose := []string{"MemFree", "Cached", "Buffers"}
	d.SetStr("memory_mb", value.DictOf(
		"real", value.DictOf("total", one("MemTotal"), "used", mb([]string{"MemTotal"}, "MemFree"), "free", one("MemFree")),
		"nocache", value.DictOf("free", mb(loose), "used", mb([]string{"MemTotal"}, loose...)),
		"swap", value.DictOf("total", one("SwapTotal"), "free", one("SwapFree"), "used", mb([]string{"SwapTotal"}, "SwapFree"), "cached", one("SwapCached"))))
	return d
}

func (h *host) usableCPUs() int {
	if h.root != "" {
		return 0
	}
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 0
	}
	return set.Count()
}

// firmwareFiles are facts and their files in /sys/class/dmi/id.
var firmwareFiles = []struct{ fact, file, keyword string }{
	{"bios_date", "bios_date", "bios-release-date"},
	{"bios_vendor", "bios_vendor", "bios-vendor"},
	{"bios_version", "bios_version", "bios-version"},
	{"board_asset_tag", "board_asset_tag", "baseboard-asset-tag"},
	{"board_name", "board_name", "baseboard-product-name"},
	{"board_serial", "board_serial", "baseboard-serial-number"},
	{"board_vendor", "board_vendor", "baseboard-manufacturer"},
	{"board_version", "board_version", "baseboard-version"},
	{"chassis_asset_tag", "chassis_asset_tag", "chassis-asset-tag"},
	{"chassis_serial", "chassis_serial", "chassis-serial-number"},
	{"chassis_vendor", "chassis_vendor", "chassis-manufacturer"},
	{"chassis_version", "chassis_version", "chassis-version"},
	{"form_factor", "chassis_type", "chassis-type"},
	{"product_name", "product_name", "system-product-name"},
	{"product_serial", "product_serial", "system-serial-number"},
	{"product_uuid", "product_uuid", "system-uuid"},
	{"product_version", "product_version", "system-version"},
	{"system_vendor", "sys_vendor", "system-manufacturer"},
}

// chassisTypes are those of the SMBIOS specification, 7.4.1, in the words of
// dmidecode(8) as the reference has them.
var chassisTypes = []string{"Unknown", "Other", "Unknown", "Desktop", "Low Profile Desktop", "Pizza Box", "Mini Tower", "Tower",
	"Portable", "Laptop", "Notebook", "Hand Held", "Docking Station", "All In One", "Sub Notebook", "Space-saving", "Lunch Box",
	"Main Server Chassis", "Expansion Chassis", "Sub Chassis", "Bus Expansion Chassis", "Peripheral Chassis", "RAID Chassis",
	"Rack Mount Chassis", "Sealed-case PC", "Multi-system", "CompactPCI", "AdvancedTCA", "Blade", "Blade Enclosure", "Tablet",
	"Convertible", "Detachable", "IoT Gateway", "Embedded PC", "Mini PC", "Stick PC"}

func (h *host) firmware(ctx context.Context) *value.Dict {
	const dir = "/sys/devices/virtual/dmi/id/"
	d := value.NewDict(len(firmwareFiles))
	if h.exists(dir + "product_name") {
		for _, f := range firmwareFiles {
			v, ok := h.firmwareText(dir + f.file)
			if n, err := strconv.Atoi(v); ok && f.fact == "form_factor" && err == nil {
				if n >= 0 && n < len(chassisTypes) {
					v = chassisTypes[n]
				} else {
					v = "unknown (" + v + ")"
				}
			}
			if !ok {
				v = unknown
			}
			d.SetStr(f.fact, value.Str(v))
		}
		return d
	}
	dmidecode := h.program("dmidecode")
	for _, f := range firmwareFiles {
		v := unknown
		if dmidecode != "" {
			if out, ok := h.output(ctx, dmidecode, "-s", f.keyword); ok {
				v = parseDMI(out)
			}
		}
		d.SetStr(f.fact, value.Str(v))
	}
	return d
}

// parseSysinfo reads the names that a mainframe has in /proc/sysinfo.
func parseSysinfo(text string) *value.Dict {
	d := value.NewDict(3)
	for _, line := range lines(text) {
		name, v, _ := strings.Cut(line, ":")
		v = strings.TrimLeft(v, " \t")
		switch name {
		case "Manufacturer":
			d.SetStr("system_vendor", value.Str(v)) // with the blanks behind it
		case "Type":
			d.SetStr("product_name", value.Str(v))
		case "Sequence Code":
			if v = strings.TrimLeft(v, "0"); v == "" {
				v = "0"
			}
			d.SetStr("product_serial", value.Str(v))
		}
	}
	return d
}

// parseDMI gives what dmidecode -s says: the lines that are no comments.
func parseDMI(out string) string {
	var text []string
	for _, line := range lines(out) {
		if !strings.HasPrefix(line, "#") {
			text = append(text, line)
		}
	}
	if s := strings.Join(text, ""); s != "" {
		return s
	}
	return unknown
}

// firmwareText gives a file's text; ok is false where it cannot be read, as the
// serial numbers by users other than root.
func (h *host) firmwareText(path string) (text string, ok bool) {
	data, err := os.ReadFile(h.path(path))
	return strings.TrimSpace(string(data)), err == nil && strings.TrimSpace(string(data)) != ""
}
