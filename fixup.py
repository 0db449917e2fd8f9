import re,os
for d,_,fs in os.walk('src'):
    for f in fs:
        if f.endswith('.rs'):
            p=os.path.join(d,f); s=o=open(p).read()
            s=s.replace('utfall_ground::error::damaged;','utfall_ground::error::Error;' )
            if s!=o: open(p,'w').write(s)
