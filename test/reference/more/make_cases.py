# Cases of our own in the format of ../stats: other levels, counts, tails, spending times and clusterings than there.
# Computed by SciPy, mpmath and NumPy from the definitions, not by the source: python3 test/reference/more/make_cases.py
import os
import scipy
import json, mpmath as mp, numpy as np, math
from scipy import stats
from scipy.optimize import brentq
mp.mp.dps=60
OUT=os.path.join(os.path.dirname(os.path.abspath(__file__)),'')
SOFTWARE=f'SciPy {scipy.__version__}, mpmath {mp.__version__}, NumPy {np.__version__}'
rows=[];vals=[]
def add(fn,args,v):
    v=float(v)
    rows.append({'fn':fn,'args':args}); vals.append(v)
def nsf(x): return mp.erfc(mp.mpf(x)/mp.sqrt(2))/2
for x in [-40,-8.3,-3,-1e-10,1e-15,0.7,3.9,6,9.5,16,30,36,37.5]: add('normal_sf',[x],nsf(x)); add('normal_cdf',[x],nsf(-mp.mpf(x)))
for p in [1e-310,1e-200,3e-17,1e-12,2e-6,0.02425,0.4999999,0.5000001,0.75,0.97575,0.999999,1-1e-12,1-2**-53]:
    z=mp.findroot(lambda x: mp.log(nsf(-x))-mp.log(mp.mpf(p)) if p<.5 else mp.log(nsf(x))-mp.log1p(-mp.mpf(p)), -mp.sqrt(-2*mp.log(p)) if p<.1 else stats.norm.ppf(p) if p<1-1e-10 else mp.sqrt(-2*mp.log(1-mp.mpf(p))))
    add('normal_quantile',[p],z)
def c2sf(x,k): return mp.gammainc(mp.mpf(k)/2,mp.mpf(x)/2,mp.inf,regularized=True)
def c2cdf(x,k): return mp.gammainc(mp.mpf(k)/2,0,mp.mpf(x)/2,regularized=True)
for x,k in [(0,1),(1e-12,1),(1e-8,3),(0.5,0.5),(3.3,1.7),(700,1),(1400,3),(1000,1000),(1200,1000),(800,1000),(1e5,1e5),(1.02e5,1e5),(45,10),(5,60)]:
    add('chi2_sf',[x,k],c2sf(x,k)); add('chi2_cdf',[x,k],c2cdf(x,k))
def tsf(t,v):
    t=mp.mpf(t);v=mp.mpf(v)
    if t==0: return mp.mpf(1)/2
    x=v/(v+t*t)
    r=mp.betainc(v/2,mp.mpf(1)/2,0,x,regularized=True)/2
    return r if t>0 else 1-r
for t,v in [(1e-9,1),(0.3,0.5),(1e8,1),(1e5,2.5),(5,1.3),(-4,3),(60,7),(8,31),(30,200),(4,1e4),(37,1e6),(6,1e8),(250,3),(1.5,7.7)]:
    add('t_sf',[t,v],tsf(t,v)); 
for p,v in [(0.6,1),(1e-12,1),(1e-100,2),(1e-15,7),(0.995,1.5),(0.975,2),(0.999999999,7),(1e-20,31),(0.05,15.5),(0.975,1e4),(1e-9,1e6),(0.5,9),(0.50001,3),(0.75,4)]:
    f=lambda t: mp.log(tsf(-t,v))-mp.log(mp.mpf(p)) if p<.5 else mp.log(tsf(t,v))-mp.log1p(-mp.mpf(p))
    g=stats.t.ppf(p,v)
    add('t_quantile',[p,v], 0 if p==.5 else mp.findroot(f,(mp.mpf(g)*mp.mpf('0.9999'),mp.mpf(g)*mp.mpf('1.0001')),solver='secant',tol=1e-40,verify=False))
for p,k in [(1e-10,1),(1e-5,3),(0.05,0.5),(0.25,2),(0.975,1),(0.9999999,1),(0.95,31.5),(0.5,1000),(0.999,1e5),(1e-8,60),(1-1e-12,4)]:
    g=stats.chi2.ppf(p,k)
    f=lambda x: (mp.log(c2cdf(x,k))-mp.log(mp.mpf(p))) if p<.5 else (mp.log(c2sf(x,k))-mp.log1p(-mp.mpf(p)))
    add('chi2_quantile',[p,k],mp.findroot(f,(mp.mpf(g)*mp.mpf('0.9999'),mp.mpf(g)*mp.mpf('1.0001')),solver='secant',tol=1e-40,verify=False))
def fsf(x,a,b):
    x=mp.mpf(x); return mp.betainc(mp.mpf(b)/2,mp.mpf(a)/2,0,b/(b+a*x),regularized=True)
for x,a,b in [(0.001,1,7),(4,2,15),(60,2,15),(1e4,1,3),(3.3,4,31),(200,2,1000),(1,5,5),(12.2,2.5,9.5),(1.1,100,200)]:
    add('f_sf',[x,a,b],fsf(x,a,b))
for p,a,b in [(0.95,1,7),(0.95,2,15),(0.999,2,7),(0.01,3,9),(0.5,10,10),(0.99999,2,31),(1e-6,4,8)]:
    g=stats.f.ppf(p,a,b)
    f=lambda x: mp.log(fsf(x,a,b))-mp.log1p(-mp.mpf(p)) if p>=.5 else mp.log(1-fsf(x,a,b))-mp.log(mp.mpf(p))
    add('f_quantile',[p,a,b],mp.findroot(f,(mp.mpf(g)*mp.mpf('0.9999'),mp.mpf(g)*mp.mpf('1.0001')),solver='secant',tol=1e-40,verify=False))
def bcdf(x,a,b): return mp.betainc(a,b,0,mp.mpf(x),regularized=True)
for p,a,b in [(0.5,1,1),(0.025,1,1),(0.975,1,10000),(1e-10,2,3),(0.999,0.5,0.5),(0.01,0.5,0.5),(0.025,5000,5000),(0.975,100000,3),(0.9999,1,1),(0.3,0.1,0.2),(1e-4,800,20)]:
    from scipy.special import betaincinv
    add('beta_quantile',[p,a,b],betaincinv(a,b,p))
def dump(name,topic,cases):
    json.dump({'format':'stats-reference/1','set':'own','topic':topic,'notes':None,'cases':cases},open(OUT+name,'w'))
def case(id,method,inp,exp,tol): return {'id':id,'description':'','method':method,'input':inp,'expected':exp,'tolerance':tol,'software':SOFTWARE}
dump('distributions.json','tails and quantiles',[case('t%d'%i,'',{'rows':[r]},{'values':[v]},{'rel':1e-9,'abs':0.0}) for i,(r,v) in enumerate(zip(rows,vals))])
T={'rel':1e-9,'abs':1e-12}
cs=[]
for x,n in [(0,1),(1,1),(0,5),(5,5),(3,7),(1,100000),(99999,100000),(50,100),(1404,2808),(0,2808)]:
    for c in [.5,.8,.9,.95,.99,.999,.9999]:
        b=stats.binomtest(x,n); w=b.proportion_ci(c,'wilson'); e=b.proportion_ci(c,'exact')
        z=stats.norm.isf((1-c)/2); p=x/n
        cs.append(case(f's{x}-{n}-{c}','Wilson',{'successes':x,'n':n,'confidence':c},{'estimate':p,'wilson':[max(0,w.low) if x else 0.0,w.high if x<n else 1.0],'clopper_pearson':[e.low,e.high]},T))
def tango(b,c,n,conf):
    z=stats.norm.isf((1-conf)/2)
    def stat(d):
        A=2*n; B=-b-c+(2*n-b+c)*d; C=-c*d*(1-d)
        q=(math.sqrt(max(0,B*B-4*A*C))-B)/(2*A)
        var=n*(2*q+d*(1-d))
        return (b-c-n*d)/math.sqrt(var) if var>0 else (math.inf if b-c-n*d>0 else -math.inf if b-c-n*d<0 else 0)
    dh=(b-c)/n
    up=1.0 if dh==1 or stat(1-1e-13)>-z else brentq(lambda d: stat(d)+z,dh,1-1e-13,xtol=1e-15,rtol=1e-14)
    lo=-1.0 if dh==-1 or stat(-1+1e-13)<z else brentq(lambda d: stat(d)-z,-1+1e-13,dh,xtol=1e-15,rtol=1e-14)
    return lo,up
def newc(a,b,c,d,conf):
    n=a+b+c+d
    def wil(x): 
        w=stats.binomtest(x,n).proportion_ci(conf,'wilson'); return w.low if x else 0., w.high if x<n else 1.
    l1,u1=wil(a+b); l2,u2=wil(a+c); p1,p2=(a+b)/n,(a+c)/n
    den=(a+b)*(c+d)*(a+c)*(b+d)
    if den==0: phi=0.
    else:
        num=a*d-b*c
        num=max(num-n/2,0) if num>0 else num
        phi=num/math.sqrt(den)
    D=p1-p2; 
    d_=math.sqrt(max(0,(p1-l1)**2-2*phi*(p1-l1)*(u2-p2)+(u2-p2)**2)); e=math.sqrt(max(0,(u1-p1)**2-2*phi*(u1-p1)*(p2-l2)+(p2-l2)**2))
    return [D-d_,D+e],phi
for a,b,c,d in [(0,0,0,1),(1,0,0,0),(0,1,0,0),(0,0,1,0),(5,0,0,5),(2,1,1,2),(0,3,3,0),(100,1,0,0),(0,0,7,0),(10,50,2,1),(0,1,1,4000),(1000,300,280,1000),(3,9,1,2)]:
    for c_ in [.8,.9,.95,.99,.999,.98891]:
        n=a+b+c+d; lo,up=tango(b,c,n,c_); nw,phi=newc(a,b,c,d,c_)
        cs.append(case(f'p{a}-{b}-{c}-{d}-{c_}','Tango',{'both_complied':a,'candidate_only':b,'baseline_only':c,'neither':d,'confidence':c_},{'difference':(b-c)/n,'newcombe10':nw,'newcombe_phi':phi,'tango':[lo,up]},{'rel':1e-8,'abs':1e-10}))
for b,c in [(1,0),(0,1),(1,1),(300,250),(1000,0),(5,5),(2,40)]:
    n=b+c; ex=min(1,stats.binomtest(b,n).pvalue); k=min(b,c); mid=2*stats.binom.cdf(k,n,.5)-stats.binom.pmf(k,n,.5)
    if b==c: mid=1-stats.binom.pmf(b,n,.5)/2  # Fagerland, Lydersen and Laake 2013
    chi=(b-c)**2/n
    cs.append(case(f'm{b}-{c}','McNemar',{'candidate_only':b,'baseline_only':c},{'exact_p':ex,'mid_p':mid,'chi2':chi,'asymptotic_p':stats.chi2.sf(chi,1),'degenerate':False},T))
cs.append(case('pair0','Tango',{'both_complied':0,'candidate_only':0,'baseline_only':0,'neither':0,'confidence':.9},{'difference':None,'tango':None,'newcombe10':None,'status':'no_data'},T))
dump('proportions.json','single and paired proportions',cs)
cs=[]
for k,df,p,q in [(2,1,.95,5),(2,7,.9,3.3),(3,3,.99,8),(5,4,.95,6),(5,60,.99,4.8),(5,124,.999,6),(10,30,.95,5),(20,15,.5,4),(5,7.5,.9,4),(3,1000,.95,3.3),(5,28,.05,1),(5,2,.9,7),(50,40,.95,6),(4,10,.9999,9)]:
    cs.append(case(f'q{k}-{df}-{p}','',{'k':k,'df':df,'p':p,'q':q},{'quantile':float(stats.studentized_range.ppf(p,k,df)),'sf_at_q':float(stats.studentized_range.sf(q,k,df))},{'rel':1e-6,'abs':1e-8}))
dump('studentized_range.json','studentized range (optional)',cs)
# group sequential
def bounds(alpha,info,kind):
    if kind=='asOF': sp=[2*stats.norm.sf(stats.norm.isf(alpha/2)/math.sqrt(t)) for t in info]
    else: sp=[alpha*math.log(1+(math.e-1)*t) for t in info]
    N=4001; zs=[]
    grid=None; dens=None
    x,w=np.polynomial.legendre.leggauss(400)
    for k,t in enumerate(info):
        inc=sp[k]-(sp[k-1] if k else 0)
        if k==0: c=stats.norm.isf(inc)
        else:
            s=math.sqrt(t-info[k-1])
            def tail(c): return np.sum(dens*wt*stats.norm.sf((c*math.sqrt(t)-grid)/s))
            c=brentq(lambda c: tail(c)-inc,-5,9,xtol=1e-14)
        zs.append(c)
        # density of S_k on (-inf, c sqrt t)
        lo=-9*math.sqrt(t); hi=c*math.sqrt(t); g=(hi-lo)/2*x+(hi+lo)/2; gw=(hi-lo)/2*w
        if k==0: nd=stats.norm.pdf(g,0,math.sqrt(t))
        else: nd=np.array([np.sum(dens*wt*stats.norm.pdf(v,grid,s)) for v in g])
        grid,dens,wt=g,nd,gw
    return zs,sp
cs=[]
for alpha,info,kind in [(.05,[.5,1],'asOF'),(.025,[.1,.2,.9,1],'asP'),(.1,[.2,.4,.6,.8,1],'asOF'),(.05,[.05,.5,1],'asOF'),(.01,[.5,.75,1],'asP'),(.001,[.25,.5,.75,1],'asOF'),(.05/12,[.5,.75,1],'asOF'),(.05,[.9,.95,1],'asOF'),(.05,[.25,.5,.6],'asOF'),(.2,[1/3,2/3,1],'asP'),(.05,[i/8 for i in range(1,9)],'asOF'),(.05,[1],'asP')]:
    z,sp=bounds(alpha,info,kind)
    cs.append(case(f'{kind}-{alpha}-{len(info)}',f"Lan-DeMets {'O'+chr(39)+'Brien-Fleming' if kind=='asOF' else 'Pocock'}-type spending",{'alpha':alpha,'sided':1,'information':info},{'critical_z':z,'cumulative_alpha':sp,'nominal_p':[float(stats.norm.sf(v)) for v in z]},{'rel':1e-7,'abs':1e-10}))
dump('group_sequential.json','group-sequential boundaries',cs)
# judge error
cs=[]
def lr(pos,n,tp,nt,tn,nn,c):
    z=stats.norm.isf((1-c)/2); se,sp,p=tp/nt,tn/nn,pos/n
    p1=(pos+z*z/2)/(n+z*z); se1=(tp+1)/(nt+2); sp1=(tn+1)/(nn+2); J=se1+sp1-1
    pi=(p1+sp1-1)/J; v=p1*(1-p1)/(n+z*z)+pi**2*se1*(1-se1)/(nt+2)+(1-pi)**2*sp1*(1-sp1)/(nn+2)
    s=math.sqrt(v)/J; sh=2*z*z*(pi*se1*(1-se1)/(nt+2)-(1-pi)*sp1*(1-sp1)/(nn+2))
    raw=(p+sp-1)/(se+sp-1); cut=lambda x:min(1,max(0,x)); ci=[pi+sh-z*s,pi+sh+z*s]
    return {'status':'ok','apparent':p,'sensitivity':se,'specificity':sp,'rogan_gladen_raw':raw,'rogan_gladen':cut(raw),'adjusted_estimate':pi,'shift':sh,'se':s,'ci_raw':ci,'ci':[cut(x) for x in ci]}
for a in [(0,1,1,1,1,1,.9),(1,1,1,1,1,1,.9),(5,10,6,10,5,10,.95),(100,400,199,200,398,400,.999),(300,384,150,160,200,200,.8),(0,384,50,50,50,50,.95),(384,384,50,50,50,50,.95),(12,48,26,50,26,50,.99)]:
    cs.append(case('j'+'-'.join(map(str,a)),'',dict(zip(['judge_positive','n','true_positive_hits','n_true_positive','true_negative_hits','n_true_negative','confidence'],a)),lr(*a),T))
for a in [(50,100,25,50,25,50,.95),(5,100,0,50,0,50,.95)]:
    cs.append(case('jx'+'-'.join(map(str,a)),'',dict(zip(['judge_positive','n','true_positive_hits','n_true_positive','true_negative_hits','n_true_negative','confidence'],a)),{'status':'not_correctable','estimate':None,'ci':None},T))
dump('judge_error.json','judge error correction',cs)
rng=np.random.default_rng(3)
cs=[]
for n,k,p in [(3,2,.5),(200,6,.1),(10,3,.9),(1,4,.5),(50,2,.02)]:
    y=(rng.random((n,k))<p).astype(int); col=y.sum(0); row=y.sum(1); den=k*row.sum()-(row**2).sum()
    r=col/n
    if den==0: e={'Q':None,'df':k-1,'p':1.0,'degenerate':True,'spread':float(r.max()-r.min())}
    else:
        Q=(k-1)*(k*(col**2).sum()-col.sum()**2)/den; e={'Q':float(Q),'df':k-1,'p':float(stats.chi2.sf(Q,k-1)),'column_rates':r.tolist(),'spread':float(r.max()-r.min())}
    cs.append(case(f'c{n}-{k}','Cochran Q',{'y':y.tolist()},e,T))
dump('cochran_q.json','Cochran Q across orderings',cs)
cs=[]
def holm(p):
    o=np.argsort(p,kind='stable'); m=len(p); out=np.empty(m); run=0
    for i,j in enumerate(o): run=max(run,min(1,(m-i)*p[j])); out[j]=run
    return out
def bh(p):
    o=np.argsort(p,kind='stable')[::-1]; m=len(p); out=np.empty(m); run=1
    for i,j in enumerate(o): run=min(run,p[j]*m/(m-i)); out[j]=run
    return out
for p in [[1,1,1],[0,0],[.5]*7,[1e-300,1e-200],list(rng.random(40)**3),[.049,.05,.051,.0166667,.0166666]]:
    p=np.array(p,float); h,b=holm(p),bh(p)
    cs.append(case(f'h{len(p)}','Holm',{'p':p.tolist()},{'holm':h.tolist(),'benjamini_hochberg':b.tolist(),'holm_reject_0_05':(h<=.05).tolist(),'holm_reject_0_01':(h<=.01).tolist(),'benjamini_hochberg_reject_0_1':(b<=.1).tolist()},T))
dump('multiplicity.json','multiple testing',cs)
cs=[]
for G,n,u in [(2,3,0),(8,40,5),(16,24,10),(40,5,3),(3,100,90)]:
    ctx=[];q=[];b=[];c=[]
    for g in range(G):
        m=n-int(rng.integers(0,u+1)); m=max(m,1)
        for i in range(m):
            ctx.append(f'c{g}'); q.append(f'q{i}'); b.append(int(rng.random()<.2)); c.append(int(rng.random()<.3))
    d=np.array(c)-np.array(b); cc=np.array(ctx); N=len(d); mean=d.mean(); sc=np.array([ (d[cc==g]-mean).sum() for g in sorted(set(ctx))]); se=math.sqrt((sc**2).sum()*G/(G-1))/N; df=G-1
    e={'mean_difference':mean,'se_CR1':se,'df':df}
    for L in (80,90,95,99): t=stats.t.isf((1-L/100)/2,df); e[f'ci{L}_two_sided']=[mean-t*se,mean+t*se]
    for m in ('0','0.02','0.1','-0.05'):
        e[f'p_upper_noninferiority_margin_{m}']=float(stats.t.cdf((mean-float(m))/se,df)); e[f'p_lower_regression_margin_{m}']=float(stats.t.sf((mean-float(m))/se,df))
    cs.append(case(f'pb{G}-{n}','',{'context':ctx,'query':q,'baseline':b,'candidate':c},e,T))
dump('paired_blocks.json','clustered paired difference (block t)',cs)

# Logistic regression by Newton's method, its sandwiches by their formulas.
def fit(X,y):
    b=np.zeros(X.shape[1])
    for _ in range(200):
        p=1/(1+np.exp(-X@b)); W=p*(1-p); H=X.T@(X*W[:,None]); s=np.linalg.solve(H,X.T@(y-p)); b=b+s
        if abs(s).max()<1e-13: break
    p=1/(1+np.exp(-X@b)); W=p*(1-p); return b,np.linalg.inv(X.T@(X*W[:,None])),p
def cl(X,y,b,V,p,g):
    u=sorted(set(g)); S=np.array([X[g==k].T@(y-p)[g==k] for k in u]); return V@(S.T@S)@V,len(u)
def jk(X,y,b,g):
    u=sorted(set(g)); D=np.array([fit(X[g!=k],y[g!=k])[0]-b for k in u]); G=len(u); return (G-1)/G*D.T@D,G
rng=np.random.default_rng(8); cases=[]
for name,G,Q,unb,b0 in [('two',2,20,0,-.5),('eight',8,12,6,-2),('crossed',4,9,0,-.4),('rare',10,40,0,-4)]:
    rows=[]
    for g in range(G):
        e=rng.normal()*.7
        m=Q-int(rng.integers(0,unb+1))
        for q in range(m):
            for nh,nb in [(0,0),(4,0),(4,16),(16,4),(1,7)]:
                eta=b0+.15*math.log2(1+nh)-.1*math.log2(1+nb)+e; rows.append((nh,nb,f'q{q}',f'c{g}',int(rng.random()<1/(1+math.exp(-eta)))))
    nh,nb,q,c,y=map(np.array,zip(*rows)); X=np.c_[np.ones(len(y)),np.log2(1+nh),np.log2(1+nb)]; y=y.astype(float)
    b,V,p=fit(X,y); N=len(y)
    e={'status':'ok','coef':b.tolist(),'se_model':np.sqrt(np.diag(V)).tolist(),'vcov_model':V.tolist()}
    ll=float((y*np.log(p)+(1-y)*np.log(1-p)).sum()); e['loglik']=ll; e['deviance']=-2*ll
    inter=np.array([a+'|'+d for a,d in zip(q,c)])
    M={}
    for n,g in (('query',q),('context',c),('intersection',inter)):
        C,k=cl(X,y,b,V,p,g); e[f'vcov_CR0_{n}']=C.tolist(); e[f'vcov_CR1_{n}']=(C*k/(k-1)).tolist(); e[f'vcov_CR1S_{n}']=(C*k/(k-1)*(N-1)/(N-3)).tolist(); M[n]=(C*k/(k-1),k)
    e['vcov_intersection_CR1']=M['intersection'][0].tolist(); tw=M['query'][0]+M['context'][0]-M['intersection'][0]; e['vcov_twoway_CGM']=tw.tolist()
    for n,g in (('query',q),('context',c)):
        try:
            J,k=jk(X,y,b,g); e[f'vcov_jackknife_{n}']=J.tolist(); M['j'+n]=(J,k)
        except np.linalg.LinAlgError: pass
    con={'beta0':[1,0,0],'beta1':[0,1,0],'beta2':[0,0,1],'beta1_minus_beta2':[0,1,-1]}
    def wald(L,V,df):
        L=np.array(L); est=float(L@b); v=float(L@V@L); 
        if v<=0: return None
        se=math.sqrt(v); t=est/se; r={'estimate':est,'se':se,'t':t,'df':df,'p_t':float(2*stats.t.sf(abs(t),df)),'p_z':float(2*stats.norm.sf(abs(t)))}
        for l in (80,90,95,99): h=stats.t.isf((1-l/100)/2,df)*se; r[f'ci{l}_t']=[est-h,est+h]
        return r
    for k,L in con.items():
        e[f'wald_{k}_CR1_context']=wald(L,*[M['context'][0],M['context'][1]-1]); e[f'wald_{k}_CR1_query']=wald(L,M['query'][0],M['query'][1]-1)
        if 'jcontext' in M: e[f'wald_{k}_jackknife']=wald(L,M['jcontext'][0],M['jcontext'][1]-1)
        df=min(M['query'][1],M['context'][1])-1; w=wald(L,tw,df)
        e[f'wald_{k}_twoway']=w
        La=np.array(L); vm=max(La@tw@La,La@M['query'][0]@La,La@M['context'][0]@La); se=math.sqrt(vm); t=float(La@b)/se
        e[f'wald_{k}_twoway_max']={'variance':float(vm),'se':se,'t':t,'df':df,'p_t':float(2*stats.t.sf(abs(t),df))}
    # nested
    for nm,XX in (('harmful_count_model',X[:,:2]),('total_count_model',np.c_[X[:,0],X[:,1]+X[:,2]])):
        b2,_,p2=fit(XX,y); l2=float((y*np.log(p2)+(1-y)*np.log(1-p2)).sum()); chi=2*(ll-l2); e[nm]={'coef':b2.tolist(),'loglik':l2,'lrt_vs_joint':{'chi2':chi,'df':1,'p':float(stats.chi2.sf(chi,1))}}
    lev=sorted(set(nh)); XS=np.c_[np.array([[float(h==l) for l in lev] for h in nh]),X[:,2]]
    bs,Vs,ps=fit(XS,y); C,k=cl(XS,y,bs,Vs,ps,c); v=(C*k/(k-1))[-1,-1]; e['stratified_beta2']={'model':'y ~ factor(n_h) + x_b','beta2':float(bs[-1]),'test_CR1_context':{'estimate':float(bs[-1]),'se':math.sqrt(v),'t':float(bs[-1]/math.sqrt(v)),'df':k-1,'p_t':float(2*stats.t.sf(abs(bs[-1]/math.sqrt(v)),k-1))}}
    e['counts']={'n':N,'queries':len(set(q)),'contexts':len(set(c))}
    cases.append({'id':name,'description':'','method':'','input':{'n_h':nh.tolist(),'n_b':nb.tolist(),'query':q.tolist(),'context':c.tolist(),'y':[int(v) for v in y]},'expected':e,'tolerance':{'rel':1e-7,'abs':1e-9},'software':SOFTWARE})
json.dump({'format':'stats-reference/1','topic':'logistic regression, cluster-robust covariance, nested tests','notes':None,'cases':cases},open(OUT+'logistic.json','w'))
