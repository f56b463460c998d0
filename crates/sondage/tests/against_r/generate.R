# Writes data.csv, a made-up survey with a fixed seed, and expected.csv, what R's survey makes of it by
# nine designs, in four groups. compare.py asks the program for the same. Neither is part of cargo test.
#   Rscript generate.R && python3 compare.py PATH-OF-SONDAGE
suppressMessages(library(survey)); set.seed(77); options(digits=15)
rows<-list(); psu<-0
for(h in 1:6){ nh<-sample(3:5,1); Nh<-nh+sample(5:20,1)
 for(j in 1:nh){ psu<-psu+1; m<-sample(4:9,1); M<-m+sample(3:30,1)
  rows[[psu]]<-data.frame(st=h,psu=psu,Nh=Nh,id=psu*100+1:m,M=M,w=Nh/nh*M/m*runif(m,.7,1.3)) } }
d<-do.call(rbind,rows); n<-nrow(d)
d$y<-round(rgamma(n,3,.1)+d$st*2,3); d$x<-round(d$y*runif(n,.5,1.5)+3,3); d$y[sample(n,7)]<-NA
d$g<-sample(c("a","b","c"),n,TRUE,c(.6,.3,.1)); d$k<-sample(1:4,n,TRUE); d$b<-rbinom(n,1,.3)
write.csv(d,"data.csv",row.names=FALSE,na="")
D<-list(
 strat=svydesign(ids=~psu,strata=~st,weights=~w,data=d),
 fpc1=svydesign(ids=~psu,strata=~st,fpc=~Nh,weights=~w,data=d),
 two=svydesign(ids=~psu+id,strata=~st,fpc=~Nh+M,weights=~w,data=d),
 flat=svydesign(ids=~1,weights=~w,data=d),
 clus=svydesign(ids=~psu,weights=~w,data=d))
s0<-D$strat
D$post<-postStratify(s0,~g,data.frame(g=c("a","b","c"),Freq=c(900,500,200)))
D$rake<-rake(s0,list(~g,~k),list(data.frame(g=c("a","b","c"),Freq=c(900,500,200)),data.frame(k=1:4,Freq=c(400,400,500,300))),control=list(epsilon=1e-13,maxit=1000))
D$cal<-calibrate(s0,~x,c(1600,60000),epsilon=1e-12)
D$jk<-as.svrepdesign(s0,type="JKn")
out<-list(); add<-function(...) out[[length(out)+1]]<<-data.frame(...)
for(nm in names(D)) for(dom in c("","a","b","c")){ S<-D[[nm]]; if(dom!="") S<-subset(S,g==dom); df<-degf(D[[nm]])
 for(st in c("mean","total","ratio","share")){
  if(st=="mean") m<-svymean(~y,S,na.rm=TRUE) else if(st=="total") m<-svytotal(~y,S,na.rm=TRUE) else if(st=="ratio") m<-svyratio(~y,~x,S,na.rm=TRUE) else m<-svymean(~b,S)
  add(design=nm,dom=dom,stat=st,v=as.numeric(coef(m))[1],se=as.numeric(SE(m))[1],df=df)
  if(st=="share" && nm!="jk" ) for(me in c("logit","beta","asin","likelihood")){ ci<-try(confint(svyciprop(~b,S,method=me,df=df)),silent=TRUE); if(!inherits(ci,"try-error")) add(design=nm,dom=dom,stat=paste0("ci_",me),v=ci[1],se=ci[2],df=df)}
 }
 if(nm!="jk") for(q in c("math","school","hf3","hf4","hf5","hf6","hf7","hf8","hf9","shahvaish")) { r<-try(svyquantile(~y,S,c(.2,.5,.8),na.rm=TRUE,qrule=q,df=df)[[1]],silent=TRUE); if(!inherits(r,"try-error")) for(i in 1:3) add(design=nm,dom=dom,stat=paste0("q_",q,"_",c(.2,.5,.8)[i]),v=r[i,1],se=r[i,4],df=df) }
 if(dom=="" && nm!="jk"){ t<-svychisq(~g+k,S); add(design=nm,dom="",stat="chisq",v=as.numeric(t$statistic),se=as.numeric(t$p.value),df=df); v<-svyvar(~x,S); add(design=nm,dom="",stat="var",v=as.numeric(coef(v)),se=as.numeric(SE(v)),df=df)}
}
write.csv(do.call(rbind,out),"expected.csv",row.names=FALSE)
