# Writes cases of the schema of the reference set for a made-up survey: Rscript made_cases.R FOLDER
suppressMessages({library(survey);library(psych);library(jsonlite)})
options(warn=-1)
target<-commandArgs(TRUE)[1]; D<-file.path(target,"statistics","data",""); dir.create(D,recursive=TRUE,showWarnings=FALSE)
cases<-list()
add<-function(topic,id,data,design,statistic,f,src="survey 4.1.1",tol=NULL){
  e<-tryCatch(f(),error=function(x){cat("skip",id,conditionMessage(x),"\n");NULL})
  if(is.null(e)) return(invisible())
  c<-list(case=id,data=data,design=design,statistic=statistic,expected=e,source=src)
  if(!is.null(tol)) c$tolerance<-tol
  cases[[topic]]<<-c(cases[[topic]],list(c))
}
set.seed(8)
n<-420
d<-data.frame(id=1:n)
d$st<-rep(c("n","e","s","w","x"),length.out=n); d<-d[order(d$st),]
d$cl<-unlist(lapply(table(d$st),function(k) sort(rep(1:6,length.out=k))))
d$clid<-paste0(d$st,d$cl)
d$pw<-round(rgamma(n,3,.05)+5,2)
re<-rnorm(30); names(re)<-unique(d$clid)
d$inc<-round(exp(3+.5*rnorm(n)+.3*re[d$clid]),1); d$inc[sample(n,25)]<-NA
d$age<-sample(18:90,n,TRUE); d$cars<-rpois(n,1.2); d$cars[sample(n,15)]<-NA
d$gen<-sample(c("f","m"),n,TRUE); d$par<-sample(c("Blue","Green","Red","Yellow"),n,TRUE,c(.4,.3,.2,.1)); d$par[sample(n,20)]<-NA
d$rate<-sample(1:5,n,TRUE,c(.1,.2,.3,.25,.15)); d$rate[sample(n,12)]<-NA
d$ag3<-cut(d$age,c(0,34,59,200),labels=c("a_young","b_mid","c_old")); d$ag3<-as.character(d$ag3)
d$yes<-rbinom(n,1,plogis(-1+.02*d$age)); d$yes[sample(n,10)]<-NA
d$N1<-c(n=40,e=25,s=60,w=30,x=18)[d$st]; d$N2<-round(ave(rep(1,n),d$clid,FUN=sum)*3)
d$f1<-6/d$N1; d$one<-1
d$popst<-c(n=4000,e=2500,s=6000,w=3000,x=1800)[d$st]
d$fst<-as.numeric(table(d$st)[d$st])/d$popst
d$u<-paste0(d$gen,sample(c("A","B"),n,TRUE))
write.csv(d,paste0(D,"u1.csv"),row.names=FALSE,na="",quote=TRUE)
d$par<-factor(d$par); d$gen<-factor(d$gen); d$ag3<-factor(d$ag3); 
two<-d[d$cl<=2,]; write.csv(two,paste0(D,"u2.csv"),row.names=FALSE,na="")
lon<-d[!(d$st=="x" & d$cl>1),]; write.csv(lon,paste0(D,"ulon.csv"),row.names=FALSE,na="")
L<-function(...) as.list(c(...))
B<-list(
 strclu=list("u1.csv",svydesign(id=~cl,strata=~st,weights=~pw,data=d,nest=TRUE),list(weights="pw",strata=I("st"),psu=I("cl"),fpc=list(),nest=TRUE,lonely_psu="fail")),
 srs=list("u1.csv",svydesign(id=~1,weights=~pw,data=d),list(weights="pw",strata=list(),psu=list(),fpc=list(),nest=FALSE,lonely_psu="fail")),
 equal=list("u1.csv",svydesign(id=~1,weights=~one,data=d),list(weights=1,strata=list(),psu=list(),fpc=list(),nest=FALSE,lonely_psu="fail")),
 fpcfrac=list("u1.csv",svydesign(id=~1,strata=~st,fpc=~fst,data=d),list(strata=I("st"),psu=list(),fpc=I("fst"),fpc_is="fraction",nest=FALSE,lonely_psu="fail",weights_from="fpc")),
 twost=list("u1.csv",svydesign(id=~cl+id,strata=~st,fpc=~N1+N2,data=d,nest=TRUE),list(strata=I("st"),psu=c("cl","id"),fpc=c("N1","N2"),nest=TRUE,lonely_psu="fail",weights_from="fpc")),
 clus=list("u1.csv",svydesign(id=~clid,weights=~pw,data=d),list(weights="pw",strata=list(),psu=I("clid"),fpc=list(),nest=FALSE,lonely_psu="fail"))
)
wr<-function(des,name){ w<-weights(des,"analysis"); o<-data.frame(w_full=weights(des,"sampling")); for(k in seq_len(ncol(w))) o[[paste0("R",k)]]<-w[,k]; write.csv(data.frame(lapply(o,function(z) sprintf("%.17g",z))),paste0(D,name),row.names=FALSE,quote=FALSE)}
rep1<-function(name,des,type,data){ f<-paste0("rep_",name,".csv"); wr(des,f); list(data,des,list(weights="pw",strata=I("st"),psu=I("cl"),fpc=list(),nest=TRUE,lonely_psu="fail",replicate=list(type=type,file=f,columns="w_full, R1..",combined_weights=TRUE,scale=des$scale,rscales=des$rscales,mse=des$mse,df=degf(des))))}
b0<-B$strclu[[2]]
B$jkn<-rep1("u_jkn",as.svrepdesign(b0,type="JKn"),"JKn","u1.csv")
B$boot<-rep1("u_boot",as.svrepdesign(b0,type="bootstrap",replicates=40,mse=TRUE),"bootstrap","u1.csv")
B$sub<-rep1("u_sub",as.svrepdesign(b0,type="subbootstrap",replicates=40),"bootstrap","u1.csv")
t0<-svydesign(id=~cl,strata=~st,weights=~pw,data=two,nest=TRUE)
B$fay<-rep1("u_fay",as.svrepdesign(t0,type="Fay",fay.rho=.3),"Fay","u2.csv")
B$brr<-rep1("u_brr",as.svrepdesign(t0,type="BRR",mse=TRUE),"BRR","u2.csv")
B$jknmade<-list("u1.csv",B$jkn[[2]],list(weights="pw",strata=I("st"),psu=I("cl"),fpc=list(),nest=TRUE,lonely_psu="fail",replicate=list(type="JKn",mse=FALSE)))
isrep<-function(x) inherits(x,"svyrep.design")
v<-function(x) as.vector(x)
for(b in names(B)){ dat<-B[[b]][[1]]; des<-B[[b]][[2]]; dj<-B[[b]][[3]]; id<-function(...) paste("u",b,...,sep="/")
 for(x in c("inc","cars","age")){ fo<-as.formula(paste0("~",x))
  for(de in c("with replacement","without replacement")) for(k in c("mean","total")) { if(isrep(des)&&k=="total") next
   add("means",id(k,x,de),dat,dj,list(kind=k,variables=I(x),na_rm=TRUE,deff=de),function(){ m<-(if(k=="mean")svymean else svytotal)(fo,des,na.rm=TRUE,deff=if(de=="with replacement")"replace" else TRUE); list(names=I(x),estimate=v(coef(m)),se=v(SE(m)),vcov=unname(vcov(m)),deff=v(deff(m)),df=degf(des),ci95_t=unname(confint(m,df=degf(des))),ci95_normal=unname(confint(m)),cv=v(cv(m)))}) }
  add("means",id("var",x),dat,dj,list(kind="population_variance",variables=I(x),na_rm=TRUE),function(){m<-svyvar(fo,des,na.rm=TRUE);list(names=I(x),estimate=v(coef(m)),se=v(SE(m)))})
  rules<-if(isrep(des)) c("math","hf2","hf7") else c("math","school","hf1","hf2","hf3","hf5","hf6","hf7","hf8","hf9","shahvaish")
  for(r in rules) add("quant",id("q",x,r),dat,dj,list(kind="quantile",variable=x,probs=c(.02,.1,.5,.8,.97),rule=r,interval="mean (Woodruff-type inversion of the Wald CI of the CDF)",df="degf(design)",na_rm=TRUE),function(){q<-svyquantile(fo,des,c(.02,.1,.5,.8,.97),qrule=r,na.rm=TRUE,interval.type="mean")[[1]];list(estimate=v(q[,1]),ci95=unname(q[,2:3]),se=v(q[,4]))})
  for(it in c("beta","xlogit","asin","score")) { if(isrep(des)&&it=="score") next
    for(r in c("math","hf7")) add("quant",id("q",x,r,it),dat,dj,list(kind="quantile",variable=x,probs=c(.02,.1,.5,.8,.97),rule=r,interval=it,na_rm=TRUE),function(){q<-svyquantile(fo,des,c(.02,.1,.5,.8,.97),qrule=r,na.rm=TRUE,interval.type=it)[[1]];list(estimate=v(q[,1]),ci95=unname(q[,2:3]),se=v(q[,4]))})}
 }
 add("means",id("mean2"),dat,dj,list(kind="mean",variables=c("inc","cars"),missing="listwise over all variables",na_rm=TRUE),function(){m<-svymean(~inc+cars,des,na.rm=TRUE);list(names=c("inc","cars"),estimate=v(coef(m)),se=v(SE(m)),vcov=unname(vcov(m)),df=degf(des))})
 add("means",id("ratio"),dat,dj,list(kind="ratio",numerator="inc",denominator="cars",na_rm=TRUE),function(){m<-svyratio(~inc,~cars,des,na.rm=TRUE);list(estimate=v(coef(m)),se=v(SE(m)),df=degf(des))})
 for(x in c("par","ag3")){fo<-as.formula(paste0("~",x)); add("means",id("shares",x),dat,dj,list(kind="shares_of_levels",variables=I(x),na_rm=TRUE,deff="with replacement"),function(){m<-svymean(fo,des,na.rm=TRUE,deff="replace");list(names=levels(d[[x]]),estimate=v(coef(m)),se=v(SE(m)),vcov=unname(vcov(m)),deff=v(deff(m)),df=degf(des))})}
 for(cf in c(.9,.95,.99)) for(me in c("mean","logit","xlogit","asin","beta","likelihood")) for(lv in c("Blue","Yellow")) {if(isrep(des)&&me %in% c("likelihood")) next
  add("prop",id("ci",lv,me,cf),dat,dj,list(kind="proportion_interval",variable="par",level_of_variable=lv,method=me,confidence=cf,df="degf(design)",na_rm=TRUE),function(){dd<-subset(des,!is.na(par)); dd<-des; m<-if(lv=="Blue")svyciprop(~I(par=="Blue"),dd,method=me,level=cf,na.rm=TRUE) else svyciprop(~I(par=="Yellow"),dd,method=me,level=cf,na.rm=TRUE); list(estimate=v(coef(m)),se=v(SE(m)),ci=v(confint(m)),df=degf(des))},tol=if(me %in% c("logit")) list(rel=1e-6) else if(me=="likelihood") list(rel=1e-4) else NULL)}
 for(bb in list("ag3",c("gen","ag3"))) for(k in c("mean","total")) { add("dom",id("by",paste(bb,collapse="+"),k),dat,dj,list(kind=k,variables=I("inc"),by=I(bb),na_rm=TRUE),function(){ dd<-subset(des,!is.na(inc)); s<-svyby(~inc,as.formula(paste0("~",paste(bb,collapse="+"))),dd,if(k=="mean")svymean else svytotal,covmat=TRUE); list(domains=lapply(seq_len(nrow(s)),function(i) lapply(as.list(s[i,bb,drop=FALSE]),as.character)),estimate=v(coef(s)),se=v(SE(s)),vcov=unname(vcov(s)))})}
 add("dom",id("sub"),dat,dj,list(kind="subpopulation",variables=I("inc"),where="age > 60",na_rm=TRUE),function(){dd<-subset(des,age>60);m<-svymean(~inc,dd,na.rm=TRUE);t<-svytotal(~inc,dd,na.rm=TRUE);list(mean=v(coef(m)),mean_se=v(SE(m)),total=v(coef(t)),total_se=v(SE(t)))})
 add("dom",id("diff"),dat,dj,list(kind="domain_difference",variable="inc",by=I("ag3"),na_rm=TRUE,p_value_df="degf(design)"),function(){dd<-subset(des,!is.na(inc));s<-svyby(~inc,~ag3,dd,svymean,covmat=TRUE);V<-vcov(s);e<-coef(s);P<-list(c(0,1),c(0,2),c(1,2));df<-sapply(P,function(p)e[p[1]+1]-e[p[2]+1]);se<-sapply(P,function(p)sqrt(V[p[1]+1,p[1]+1]+V[p[2]+1,p[2]+1]-2*V[p[1]+1,p[2]+1]));pv<-2*pt(-abs(df/se),degf(des));list(domain_names=levels(d$ag3),pairs=P,difference=v(df),se=v(se),p=v(pv),p_holm=p.adjust(pv,"holm"),p_bonferroni=p.adjust(pv,"bonferroni"),p_bh=p.adjust(pv,"BH"))})
 for(st in c("F","Chisq","Wald","adjWald","lincom","saddlepoint")) for(pr in list(c("par","gen"),c("ag3","rate"))) add("chi",id("chi",paste(pr,collapse="x"),st),dat,dj,list(kind="independence_test",rows=pr[1],columns=pr[2],method=st),function(){m<-svychisq(as.formula(paste0("~",pr[1],"+",pr[2])),des,statistic=st);if(is.na(m$p.value))stop("NA");list(statistic=v(m$statistic),p_value=v(m$p.value),parameter=as.list(m$parameter))},tol=list(rel=1e-9,p_rel=if(st=="lincom")1e-3 else 1e-7))
 if(!isrep(des)) add("chi",id("gof"),dat,dj,list(kind="goodness_of_fit",variable="par",expected_shares=c(.4,.3,.2,.1)),function(){m<-svygofchisq(~par,p=c(.4,.3,.2,.1),design=des,na.rm=TRUE);list(statistic=v(m$statistic),p_value=v(m$p.value),parameter=as.list(m$parameter))})
 for(fo in c("inc~gen","cars~gen","yes~gen")) add("mod",id("t",fo),dat,dj,list(kind="t_test",formula=fo),function(){m<-svyttest(as.formula(fo),des);list(estimate=v(m$estimate),t=v(m$statistic),df=v(m$parameter),p_value=v(m$p.value),ci95=v(m$conf.int))})
 for(te in c("wilcoxon","vanderWaerden","median")) add("mod",id("rank",te),dat,dj,list(kind="rank_test",formula="inc ~ gen",test=te),function(){m<-svyranktest(inc~gen,des,test=te);list(statistic=v(m$statistic),df=v(m$parameter),p_value=v(m$p.value),estimate=v(m$estimate))})
 add("mod",id("rank","KW"),dat,dj,list(kind="rank_test",formula="inc ~ ag3",test="KruskalWallis"),function(){m<-svyranktest(inc~ag3,des,test="KruskalWallis");list(statistic=v(m$statistic),df=v(m$parameter),p_value=v(m$p.value))})
 for(g in list(c("inc ~ age + gen","gaussian","identity"),c("yes ~ age*gen","quasibinomial","logit"),c("yes ~ age","quasibinomial","probit"),c("cars ~ age + ag3","quasipoisson","log"),c("inc ~ age","Gamma","log"))) add("mod",id("glm",g[1],g[3]),dat,dj,list(kind="glm",formula=g[1],family=g[2],link=g[3]),function(){fam<-get(g[2])(link=g[3]);assign("fam",fam,envir=globalenv());m<-svyglm(as.formula(g[1]),des,family=fam);s<-summary(m);list(terms=names(coef(m)),estimate=v(coef(m)),se=v(SE(m)),vcov=unname(vcov(m)),df_residual=m$df.residual)},tol=if(isrep(des))list(rel=1e-6) else list(rel=1e-7))
 add("mod",id("olr"),dat,dj,list(kind="ordinal_logit",formula="factor(rate) ~ gen + age"),function(){m<-svyolr(factor(rate)~gen+age,des);list(terms=names(m$coefficients),estimate=v(m$coefficients),cutpoints=v(m$zeta),se=v(sqrt(diag(vcov(m)))))},tol=list(rel=1e-4))
 if(!isrep(des)) add("mod",id("cralpha"),dat,dj,list(kind="weighted_cronbach_alpha",items=c("rate","cars","age"),missing="listwise"),function(){dd<-subset(des,!is.na(rate)&!is.na(cars)); list(alpha=v(svycralpha(~rate+cars+age,dd)))})
}
for(lp in c("remove","certainty","adjust","average")) for(ad in c(TRUE,FALSE)) { options(survey.lonely.psu=lp,survey.adjust.domain.lonely=ad); des<-svydesign(id=~cl,strata=~st,weights=~pw,data=lon,nest=TRUE); dj<-list(weights="pw",strata=I("st"),psu=I("cl"),fpc=list(),nest=TRUE,lonely_psu=lp,adjust_domain_lonely=ad)
 add("lonely",paste("lon",lp,ad),"ulon.csv",dj,list(kind="mean_and_total",variables=I("inc"),na_rm=TRUE),function(){m<-svymean(~inc,des,na.rm=TRUE);t<-svytotal(~inc,des,na.rm=TRUE);list(mean=v(coef(m)),mean_se=v(SE(m)),total=v(coef(t)),total_se=v(SE(t)),df=degf(des))})
 add("lonely",paste("lon",lp,ad,"by"),"ulon.csv",dj,list(kind="mean",variables=I("age"),by=I("u"),na_rm=TRUE),function(){s<-svyby(~age,~u,des,svymean);list(domains=as.list(as.character(s$u)),estimate=v(coef(s)),se=v(SE(s)))}) }
options(survey.lonely.psu="fail",survey.adjust.domain.lonely=FALSE)
# calibration
pop<-svytotal(~gen+ag3,B$strclu[[2]]); W<-sum(d$pw)
pg<-c(f=.49,m=.51)*W; pa<-c(.3,.4,.3)*W
calx<-function(des){ r<-list(); m<-svymean(~inc,des,na.rm=TRUE);t<-svytotal(~inc,des,na.rm=TRUE); r$inc<-list(mean=v(coef(m)),mean_se=v(SE(m)),total=v(coef(t)),total_se=v(SE(t))); m<-svymean(~cars,des,na.rm=TRUE);t<-svytotal(~cars,des,na.rm=TRUE); r$cars<-list(mean=v(coef(m)),mean_se=v(SE(m)),total=v(coef(t)),total_se=v(SE(t))); q<-svyratio(~inc,~cars,des,na.rm=TRUE); r$ratio<-list(estimate=v(coef(q)),se=v(SE(q))); s<-svymean(~par,des,na.rm=TRUE); r$shares_par<-list(levels=levels(d$par),estimate=v(coef(s)),se=v(SE(s))); s<-svyby(~inc,~gen,des,svymean,na.rm=TRUE); r$mean_by_gen<-list(levels=as.character(s$gen),estimate=v(coef(s)),se=v(SE(s))); w<-weights(des,"sampling"); r$sum_weights<-sum(w);r$min<-min(w);r$max<-max(w); r }
for(b in c("strclu","srs","clus","jkn","boot","jknmade")) { des<-B[[b]][[2]]; dj<-B[[b]][[3]]; dat<-B[[b]][[1]]
 mg<-list(list(variable="gen",levels=c("f","m"),totals=unname(pg)),list(variable="ag3",levels=levels(d$ag3),totals=pa))
 add("cal",paste("ps",b),dat,dj,list(kind="poststratify",margins=mg[1]),function() calx(postStratify(des,~gen,data.frame(gen=c("f","m"),Freq=pg))))
 add("cal",paste("rake",b),dat,dj,list(kind="rake",margins=mg,epsilon=1e-12),function() calx(rake(des,list(~gen,~ag3),list(data.frame(gen=c("f","m"),Freq=pg),data.frame(ag3=levels(d$ag3),Freq=pa)),control=list(epsilon=1e-13,maxit=500))),tol=list(rel=1e-8))
 tt<-c("(Intercept)"=W,genm=unname(pg[2]),ag3b_mid=pa[2],ag3c_old=pa[3])
 for(me in c("linear","raking","logit-0.3-3","linear-bounded-0.5-2","linear-aggregate-psu","raking-aggregate-psu")) { if(grepl("aggregate",me)&&b %in% c("srs","strclu","jknmade","jkn","boot")) next
  sp<-if(isrep(des)) paste0(me,"-JKn") else me
  add("cal",paste("cal",me,b),dat,dj,list(kind="calibrate",formula="~gen+ag3",population=list(terms=names(tt),totals=unname(tt)),method=sp),function(){ a<-list(des,~gen+ag3,tt,epsilon=1e-11,maxit=200); if(grepl("raking",me))a$calfun<-"raking"; if(grepl("logit",me)){a$calfun<-"logit";a$bounds<-c(.3,3)}; if(grepl("bounded",me))a$bounds<-c(.5,2); if(grepl("agg",me))a$aggregate.stage<-1; calx(do.call(calibrate,a))},tol=list(rel=1e-7)) }
 if(!isrep(des)){ add("cal",paste("trim",b),dat,dj,list(kind="trim",lower=20,upper=120,strict=FALSE),function() calx(trimWeights(des,lower=20,upper=120,strict=FALSE)))
  add("cal",paste("trims",b),dat,dj,list(kind="trim",lower=20,upper=120,strict=TRUE),function() calx(trimWeights(des,lower=20,upper=120,strict=TRUE))) }
}
# psych
it<-data.frame(lapply(1:8,function(k) pmin(5,pmax(1,round(3+rnorm(250)*.6)))));names(it)<-paste0("q",1:8); g<-rnorm(250); g2<-rnorm(250); for(k in 1:8) it[[k]]<-pmin(5,pmax(1,round(3+.7*g+(if(k<=4).5*g2 else -.1*g2)+rnorm(250)))); it$q2[sample(250,9)]<-NA; it$q7[sample(250,6)]<-NA
write.csv(it,paste0(D,"uitems.csv"),row.names=FALSE,na="")
dq<-list(weights=1); I8<-paste0("q",1:8)
add("rel","alpha","uitems.csv",dq,list(kind="cronbach_alpha",items=I8,reversed=list(),missing="pairwise covariances"),function(){a<-alpha(it,check.keys=FALSE);list(raw_alpha=a$total$raw_alpha,std_alpha=a$total$std.alpha,lambda6=a$total[["G6(smc)"]],average_r=a$total$average_r,median_r=a$total$median_r,item_drop=list(raw_alpha=a$alpha.drop$raw_alpha,std_alpha=a$alpha.drop$std.alpha),item_stats=list(n=a$item.stats$n,raw_r=a$item.stats$raw.r,r_drop=a$item.stats$r.drop))})
cc<-na.omit(it)
for(nf in 1:4) for(fm in c("minres","ml","pa")) add("rel",paste("omega",nf,fm),"uitems.csv",dq,list(kind="mcdonald_omega",items=I8,reversed=list(),missing="listwise",factors=nf,factor_method=fm,rotation=if(nf==1)"none" else "oblimin then Schmid-Leiman"),function(){o<-omega(cc,nfactors=nf,fm=fm,flip=FALSE,plot=FALSE);list(omega_total=o$omega.tot,omega_hierarchical=o$omega_h,omega_limit=o$omega.lim,alpha=o$alpha,lambda6=o$G6,schmid_loadings=unname(as.matrix(o$schmid$sl))[,1:(if(nf==1)5 else nf+4)])},tol=list(rel=.002))
add("rel","guttman","uitems.csv",dq,list(kind="guttman_lambdas",items=I8,reversed=list(),missing="listwise"),function(){o<-guttman(cc);list(lambda1=o$lambda.1,lambda2=o$lambda.2,lambda3=o$lambda.3,lambda6=o$lambda.6)})
rt<-data.frame(a=round(rnorm(60,5,2)));rt$b<-rt$a+round(rnorm(60));rt$c<-rt$a+round(rnorm(60,.5));rt$b[3]<-NA;write.csv(rt,paste0(D,"urt.csv"),row.names=FALSE,na="")
add("rel","icc","urt.csv",dq,list(kind="icc",raters=c("a","b","c"),confidence=.9),function(){o<-ICC(na.omit(rt),alpha=.1,lmer=FALSE)$results;list(type=o$type,icc=o$ICC,F=o$F,df1=o$df1,df2=o$df2,p=o$p,lower=o$`lower bound`,upper=o$`upper bound`)})
kp<-data.frame(c1=sample(1:4,90,TRUE));kp$c2<-ifelse(runif(90)<.6,kp$c1,sample(1:4,90,TRUE));write.csv(kp,paste0(D,"ukp.csv"),row.names=FALSE)
add("rel","kappa","ukp.csv",dq,list(kind="cohen_kappa",coders=c("c1","c2"),weighted="quadratic (psych's default) and linear"),function(){k<-cohen.kappa(kp);w<-1-abs(outer(1:4,1:4,"-"))/3;k2<-cohen.kappa(kp,w=w);list(n=k$n.obs,kappa=k$kappa,var_kappa=k$var.kappa,kappa_ci95=v(k$confid[1,c(1,3)]),weighted_kappa_quadratic=k$weighted.kappa,var_weighted=k$var.weighted,weighted_ci95=v(k$confid[2,c(1,3)]),weighted_kappa_linear=k2$weighted.kappa,linear_ci95=v(k2$confid[2,c(1,3)]))})
# Unequal probabilities and fractions at every stage
set.seed(3); n<-60; d<-data.frame(id=1:n,st=rep(c("a","b","c"),each=20),cl=rep(1:12,each=5)); d$p1<-rep(runif(12,.1,.8),each=5); d$p2<-rep(runif(12,.2,.9),each=5); d$p<-runif(n,.05,.7); d$x<-rnorm(n,10,3); d$y<-d$x+rnorm(n); d$g<-sample(c("u","v"),n,TRUE); d$y[c(3,40)]<-NA; d$w12<-1/(d$p1*d$p2); d$N1<-rep(c(30,50,40),each=20);d$N2<-rep(8,n); d$f1<-4/d$N1; d$f2<-5/d$N2
write.csv(d,paste0(D,"p.csv"),row.names=FALSE,na="")
st<-function(id,des,dj){ add("pps",paste(id,"mt"),"p.csv",dj,list(kind="mean_and_total",variables=c("x","y"),na_rm=TRUE),function(){m<-svymean(~x+y,des,na.rm=TRUE);t<-svytotal(~x+y,des,na.rm=TRUE);list(mean=v(coef(m)),mean_se=v(SE(m)),mean_vcov=unname(vcov(m)),total=v(coef(t)),total_se=v(SE(t)),df=degf(des))})
 add("pps",paste(id,"ratio"),"p.csv",dj,list(kind="ratio",numerator="y",denominator="x",na_rm=TRUE),function(){m<-svyratio(~y,~x,des,na.rm=TRUE);list(estimate=v(coef(m)),se=v(SE(m)))})
 add("pps",paste(id,"by"),"p.csv",dj,list(kind="mean",variables=I("x"),by=I("g"),na_rm=TRUE),function(){s<-svyby(~x,~g,des,svymean);list(domains=as.list(as.character(s$g)),estimate=v(coef(s)),se=v(SE(s)))})
 add("pps",paste(id,"q"),"p.csv",dj,list(kind="quantile",variable="x",probs=c(.25,.5),rule="hf7",interval="mean (W)",df="degf(design)",na_rm=TRUE),function(){q<-svyquantile(~x,des,c(.25,.5),qrule="hf7",na.rm=TRUE)[[1]];list(estimate=v(q[,1]),ci95=unname(q[,2:3]),se=v(q[,4]))})
 add("pps",paste(id,"var"),"p.csv",dj,list(kind="population_variance",variables=I("x"),na_rm=TRUE),function(){m<-svyvar(~x,des,na.rm=TRUE);list(estimate=v(coef(m)),se=v(SE(m)))})
 add("pps",paste(id,"glm"),"p.csv",dj,list(kind="glm",formula="y ~ x + g",family="gaussian",link="identity"),function(){m<-svyglm(y~x+g,des);list(terms=names(coef(m)),estimate=v(coef(m)),se=v(SE(m)))},tol=list(rel=1e-7)) }
E0<-list(nest=FALSE,lonely_psu="fail")
st("brewer-str",svydesign(id=~1,strata=~st,fpc=~p,data=d,pps="brewer"),c(list(probabilities="p",strata=I("st"),psu=list(),fpc=I("p"),pps=list(method="brewer")),E0))
st("brewer-clu",svydesign(id=~cl,strata=~st,fpc=~p1,data=d,pps="brewer"),c(list(probabilities="p1",strata=I("st"),psu=I("cl"),fpc=I("p1"),pps=list(method="brewer")),E0))
st("brewer-2st",svydesign(id=~cl+id,fpc=~p1+p2,data=d,pps="brewer"),c(list(weights="w12",strata=list(),psu=c("cl","id"),fpc=c("p1","p2"),pps=list(method="brewer")),E0))
st("overton",svydesign(id=~1,fpc=~p,data=d,pps="overton"),c(list(probabilities="p",strata=list(),psu=list(),fpc=I("p"),pps=list(method="overton")),E0))
st("hr",svydesign(id=~1,fpc=~p,data=d,pps=HR()),c(list(probabilities="p",strata=list(),psu=list(),fpc=I("p"),pps=list(method="HR")),E0))
st("hr2",svydesign(id=~1,fpc=~p,data=d,pps=HR(.3)),c(list(probabilities="p",strata=list(),psu=list(),fpc=I("p"),pps=list(method="HR",sum_p2_over_n=.3)),E0))
st("hryg",svydesign(id=~1,fpc=~p,data=d,pps=HR(),variance="YG"),c(list(probabilities="p",strata=list(),psu=list(),fpc=I("p"),pps=list(method="HR",variance="YG")),E0))
st("ovyg",svydesign(id=~1,fpc=~p,data=d,pps="overton",variance="YG"),c(list(probabilities="p",strata=list(),psu=list(),fpc=I("p"),pps=list(method="overton",variance="YG")),E0))
st("frac2",svydesign(id=~cl+id,strata=~st,fpc=~f1+f2,data=d,nest=TRUE),c(list(strata=I("st"),psu=c("cl","id"),fpc=c("f1","f2"),fpc_is="fraction",weights_from="fpc"),list(nest=TRUE,lonely_psu="fail")))
st("w+fpc2",svydesign(id=~cl+id,strata=~st,weights=~w12,fpc=~N1+N2,data=d,nest=TRUE),c(list(weights="w12",strata=I("st"),psu=c("cl","id"),fpc=c("N1","N2")),list(nest=TRUE,lonely_psu="fail")))
for(t in names(cases)) writeLines(toJSON(list(topic=t,schema=1,cases=cases[[t]]),auto_unbox=TRUE,digits=NA,null="null",na="null",pretty=FALSE),file.path(target,"statistics",paste0(t,".json")))
cat(sapply(cases,length),"\n")
