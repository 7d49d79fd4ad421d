package setup

import (
	"context"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
)

// collector gathers the facts of one subject. Keys are without the prefix
// ansible_; facter_ and ohai_ stay as they are.
type collector struct {
	name    string
	ids     []string // other names by which gather_subset may ask for it
	needs   []string // collectors whose facts come with it
	minimum bool     // part of the subset min
	collect func(ctx context.Context, h *host) *value.Dict
}

// collectors in the order in which their facts stand in the result.
var collectors = []collector{
	{name: "platform", ids: []string{"system", "kernel", "kernel_version", "machine", "python_version", "architecture", "machine_id"},
		minimum: true, collect: platform},
	{name: "distribution", ids: []string{"distribution_version", "distribution_release", "distribution_major_version", "os_family"},
		minimum: true, collect: distributionFacts},
	{name: "lsb", minimum: true, collect: lsb},
	{name: "pkg_mgr", needs: []string{"distribution"}, minimum: true, collect: pkgMgr},
	{name: "service_mgr", needs: []string{"platform", "distribution"}, minimum: true, collect: serviceMgr},
	{name: "user", ids: []string{"user_id", "user_uid", "user_gid", "user_gecos", "user_dir", "user_shell", "real_user_id",
		"effective_user_id", "effective_group_ids"}, minimum: true, collect: user},
	{name: "env", minimum: true, collect: env},
	{name: "date_time", minimum: true, collect: dateTime},
	{name: "dns", minimum: true, collect: dns},
	{name: "cmdline", minimum: true, collect: cmdline},
	{name: "fips", minimum: true, collect: fips},
	{name: "apparmor", minimum: true, collect: apparmor},
	{name: "selinux", minimum: true, collect: selinux},
	{name: "caps", ids: []string{"system_capabilities", "system_capabilities_enforced"}, minimum: true, collect: caps},
	{name: "ssh_pub_keys", ids: []string{"ssh_host_pub_keys", "ssh_host_key_dsa_public", "ssh_host_key_rsa_public",
		"ssh_host_key_ecdsa_public", "ssh_host_key_ed25519_public"}, minimum: true, collect: sshPubKeys},
	{name: "python", minimum: true, collect: python},
	{name: "local", minimum: true, collect: local},
	{name: "chroot", ids: []string{"is_chroot"}, collect: isChroot},
	{name: "loadavg", collect: loadavg},
	{name: "hardware", ids: []string{"processor", "processor_cores", "processor_count", "mounts", "devices"},
		needs: []string{"platform"}, collect: hardware},
	{name: "network", ids: []string{"interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses"},
		needs: []string{"distribution", "platform"}, collect: network},
	{name: "virtual", ids: []string{"virtualization_type", "virtualization_role", "virtualization_tech_guest", "virtualization_tech_host"},
		collect: virtual},
	{name: "fibre_channel_wwn", collect: fibreChannel},
	{name: "iscsi", collect: iscsi},
	{name: "nvme", collect: nvme},
	{name: "systemd", collect: systemd},
	{name: "facter", collect: facter},
	{name: "ohai", collect: ohai},
}

// gather runs the chosen collectors side by side and joins their facts.
func (h *host) gather(ctx context.Context, chosen []*collector) *value.Dict {
	found := make([]*value.Dict, len(chosen))
	var all sync.WaitGroup
	for i, c := range chosen {
		all.Go(func() { found[i] = c.collect(ctx, h) })
	}
	all.Wait()
	facts := value.NewDict(128)
	for _, some := range found {
		for k, v := range some.All() {
			name := value.Text(k)
			if !strings.HasPrefix(name, "facter_") && !strings.HasPrefix(name, "ohai_") {
				name = "ansible_" + name
			}
			facts.SetStr(name, v)
		}
	}
	return facts
}
