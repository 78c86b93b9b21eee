"""Reference numbers of scikit-learn for ridge and logistic regression; writes readout.json beside itself."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import Ridge, LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.datasets import load_iris
rng=np.random.default_rng(7)
X=rng.normal(size=(60,8)); X[:,3]=X[:,2]+1e-3*rng.normal(size=60); X[:,5]=X[:,5]*100+1000
Y=np.c_[X@rng.normal(size=8)+0.1*rng.normal(size=60), np.sin(X[:,0])]
out={"sklearn":sklearn.__version__,"x":X.tolist(),"y":Y.tolist(),"ridge":[]}
Z=StandardScaler().fit_transform(X)
for a in [1e-4,1.0,100.0]:
    m=Ridge(alpha=a,solver="svd").fit(Z,Y)
    out["ridge"].append({"alpha":a,"coef":m.coef_.tolist(),"intercept":m.intercept_.tolist()})
I=load_iris()
Z=StandardScaler().fit_transform(I.data)
out["iris"]={"x":Z.tolist(),"classes":I.target.tolist(),"logistic":[]}
for C in [0.1,10.0]:
    m=LogisticRegression(C=C,tol=1e-12,max_iter=100000,solver="newton-cg").fit(Z,I.target)
    out["iris"]["logistic"].append({"C":C,"probabilities":m.predict_proba(Z)[:150:10].tolist(),"accuracy":m.score(Z,I.target),"coef":m.coef_.tolist()})
# Two classes: the penalty is of one set of weights.
Z=StandardScaler().fit_transform(I.data[50:])
out["two"]={"x":Z.tolist(),"classes":(I.target[50:]-1).tolist(),"logistic":[]}
for C in [0.01,0.3,10.0]:
    m=LogisticRegression(C=C,tol=1e-12,max_iter=100000,solver="newton-cg").fit(Z,I.target[50:]-1)
    out["two"]["logistic"].append({"C":C,"probabilities":m.predict_proba(Z)[::10].tolist(),"coef":m.coef_.tolist(),"intercept":m.intercept_.tolist()})
json.dump(out,open(Path(__file__).with_name("readout.json"), "w"))
