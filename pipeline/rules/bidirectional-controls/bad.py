level = "user‮ ⁦# check⁩ ⁦"
