# Compares the program with expected.csv (see generate.R) and prints how many figures agree, and which do not.
# Tolerances: 1e-8; arcsine and beta limits 1e-7; logit limits, which R iterates for, 1e-5; limits by
# likelihood, which R interpolates, 3e-4.
import collections
import csv
import json
import subprocess
import sys

S = sys.argv[1]
base={'strat':'[[stages]]\nstrata="st"\nclusters="psu"\n','fpc1':'[[stages]]\nstrata="st"\nclusters="psu"\npopulation="Nh"\n','two':'[[stages]]\nstrata="st"\nclusters="psu"\npopulation="Nh"\n[[stages]]\nclusters="id"\npopulation="M"\n','flat':'','clus':'[[stages]]\nclusters="psu"\n'}
s=base['strat']
base['post']=s+'[[weighting]]\nstep="post_stratification"\nmargins={g={a=900,b=500,c=200}}\n'
base['rake']=s+'[[weighting]]\nstep="raking"\ntolerance=1e-13\nmargins={g={a=900,b=500,c=200},k={1=400,2=400,3=500,4=300}}\n'
base['cal']=s+'[[weighting]]\nstep="calibration"\npopulation=1600\ntotals={x=60000}\n'
base['jk']=s+'[replicates]\nkind="jackknife"\nmse=false\n'
for k,v in base.items(): open(k+'.toml','w').write('weight="w"\n'+v)
cache={}
def run(*a):
    if a not in cache:
        r=subprocess.run([S,*a,'--json'],capture_output=True,text=True)
        cache[a]=json.loads(r.stdout) if r.returncode==0 else r.stderr
    return cache[a]
rule=dict(math='inverse-cdf',school='averaged-inverse-cdf',hf3='nearest-even',hf4='linear-cdf',hf5='hazen',hf6='weibull',hf7='gumbel',hf8='median-unbiased',hf9='blom',shahvaish='shah-vaish-unscaled')
meth=dict(logit='logit',beta='korn-graubard-uncapped',asin='arcsine',likelihood='likelihood')
ok=collections.Counter();bad=[]
for e in csv.DictReader(open('expected.csv')):
    d=e['design']+'.toml';by=['--by','g'] if e['dom'] else []
    st=e['stat'];dom='g = '+e['dom'] if e['dom'] else None
    tol=1e-8
    if st in('mean','total'): a=['--'+st,'y'];sel=lambda r:True
    elif st=='ratio': a=['--ratio','y/x'];sel=lambda r:True
    elif st=='share': a=['--share','b'];sel=lambda r:r['level']=='1'
    elif st=='var': a=['--variance','x'];sel=lambda r:True
    elif st.startswith('ci_'): a=['--share','b','--interval',meth[st[3:]]]+(['--degrees-of-freedom','domain'] if st=='ci_beta' else []);sel=lambda r:r['level']=='1';tol={'likelihood':3e-4,'logit':1e-5}.get(st[3:],1e-7)
    elif st.startswith('q_'):
        _,q,p=st.split('_');a=['--quantile','y','--probabilities',p,'--quantile-rule',rule[q]];sel=lambda r:True
    elif st=='chisq':
        r=run('tabulate','data.csv','--design',d,'--rows','g','--banner','k')
        if isinstance(r,str): bad.append((e['design'],st,r[:100]));continue
        got=(r['tests'][0]['rao_scott_f'],r['tests'][0]['p'])
    if st!='chisq':
        r=run('estimate','data.csv','--design',d,*a,*by)
        if isinstance(r,str): bad.append((e['design'],e['dom'],st,r[:200]));continue
        l=[x for x in r['estimates'] if sel(x) and x['domain']==dom]
        k=('lower','upper') if st.startswith('ci_') else ('value','standard_error')
        got=tuple(l[0][x] for x in k)
    ex=tuple(None if e[k] in('NA','NaN') else float(e[k]) for k in('v','se'))
    good=all((g is None and x is None) or (g is not None and x is not None and abs(g-x)<=tol*abs(x)+1e-10) for g,x in zip(got,ex))
    if good: ok[st.split('_')[0]]+=1
    else: bad.append((e['design'],e['dom'],st,got,ex))
print(dict(ok),sum(ok.values()),len(bad))
for one in bad:
    print(one)
