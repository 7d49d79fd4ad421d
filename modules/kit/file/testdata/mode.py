import os, json, sys, stat, tempfile
from ansible.module_utils.basic import AnsibleModule
os.umask(0o022)
out=[]
d=tempfile.mkdtemp()
f=os.path.join(d,'f'); open(f,'w').close(); dd=os.path.join(d,'d'); os.mkdir(dd)
modes=['u+x','g-w','o=r','a+x','+x','+w','=r','-x','a=rX','u=rwX,g=rX,o=','u=rwx,g=u','o=g','u+s','g+s','o+s','+s','a+s','u-s','g=s','+t','o+t','u+t','a+t','a-t','o=t','u=t','u=','a=','=','u=rwx,g=rx,o=rx','ug+rw','ugo=rx','uo-r','u+x-r','u=rw+x','a+X','g+X','u-X','=X','u+rwxst','go-rwx','u=g','g=o','u=rws,g=rxs,o=t','a=st','u+','+','g=u-w','o+u','u+ug','a=u','=u','+rw,-x','','x','u+z','0x1','u~x','uu+x','u+x,','+x,g','w+u','u=g+x','+u','-o','a-s','ug=s','g-s','u=rwX', 'g=rXs','u=','u=x,u=r','777','0644','0o755','7777','07777','10000','-1','0', ' 644 ','6_4_4','1777']
for isdir in (False, True):
    p = dd if isdir else f
    for old in (0o644,0o755,0o000,0o7777,0o600,0o2750,0o1777,0o4711):
        for m in modes:
            os.chmod(p, old)
            st=os.stat(p)
            try:
                try: v=int(m,8)
                except Exception: v=AnsibleModule._symbolic_mode_to_octal(st, m)
            except Exception as e: v=str(e)
            out.append([m, old, isdir, v])
json.dump({'reference': 'ansible-core 2.19.14', 'umask': 0o022, 'cases': out}, sys.stdout)
