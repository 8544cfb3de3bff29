"""Conditions of contracts: does a revision refuse by a rule what another revision of its major writes?"""
