"""A rescan: published versions are judged again by the rules of today, one after the other.

The steps of ``pipeline/rescan.asl.json``, each a function of the execution's document
and the ports, which may run twice:

1. Pick names a version that other rules judged, or that was judged without a waiver it names.
2. Scan reads its archive and runs the rules; it may write its report, and nothing that a reader sees.
3. Record compares, scores, attests, and makes a changed verdict visible with its audit event.
4. Withdraw takes down what failed, where the operator wants that.
5. Fail counts a version that broke off. It keeps its verdict and stays due.

A version counts as settled when every reader sees its verdict. Until then it stays
due, so a crash between any two writes is finished by the next rescan.
"""
