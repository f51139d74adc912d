/* SPDX-License-Identifier: MIT */
/* dlsym(3) and dlopen(3): both look at their caller, to know whose scope and whose run path count.
 * So the hooks end in a jump, with the program's return address still in place. lookup.c decides.
 * Any thread; no state of their own. */

#ifdef __CET__
#include <cet.h>
#endif

        .text

#if defined(__x86_64__)

        .globl dlsym
        .type dlsym, @function
        .p2align 4
dlsym:
        .cfi_startproc
        endbr64
        pushq %rdi
        .cfi_adjust_cfa_offset 8
        pushq %rsi
        .cfi_adjust_cfa_offset 8
        subq $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq 24(%rsp), %rdx             /* the return address */
        call dlsym_choose
        addq $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq %rsi
        .cfi_adjust_cfa_offset -8
        popq %rdi
        .cfi_adjust_cfa_offset -8
        testq %rdx, %rdx
        jz 1f
        jmp *%rdx
1:      ret
        .cfi_endproc
        .size dlsym, .-dlsym

        .globl dlopen
        .type dlopen, @function
        .p2align 4
dlopen:
        .cfi_startproc
        endbr64
        pushq %rdi
        .cfi_adjust_cfa_offset 8
        call dlopen_choose
        popq %rdi
        .cfi_adjust_cfa_offset -8
        testq %rdx, %rdx
        jz 2f
        movl %eax, %esi
        jmp *%rdx
2:      xorl %eax, %eax
        ret
        .cfi_endproc
        .size dlopen, .-dlopen

#elif defined(__aarch64__)

        .globl dlsym
        .type dlsym, %function
        .p2align 4
dlsym:
        .cfi_startproc
        hint #34                        /* bti c */
        stp x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset 29, -32
        .cfi_offset 30, -24
        mov x29, sp
        stp x0, x1, [sp, #16]
        mov x2, x30                     /* the return address */
        bl dlsym_choose
        mov x9, x0
        mov x16, x1                     /* x16: a jump that may land on "bti c" */
        ldp x0, x1, [sp, #16]
        ldp x29, x30, [sp], #32
        .cfi_restore 29
        .cfi_restore 30
        .cfi_def_cfa_offset 0
        cbz x16, 1f
        br x16
1:      mov x0, x9
        ret
        .cfi_endproc
        .size dlsym, .-dlsym

        .globl dlopen
        .type dlopen, %function
        .p2align 4
dlopen:
        .cfi_startproc
        hint #34                        /* bti c */
        stp x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset 29, -32
        .cfi_offset 30, -24
        mov x29, sp
        str x0, [sp, #16]
        bl dlopen_choose
        mov x16, x1
        mov x1, x0
        ldr x0, [sp, #16]
        ldp x29, x30, [sp], #32
        .cfi_restore 29
        .cfi_restore 30
        .cfi_def_cfa_offset 0
        cbz x16, 2f
        br x16
2:      mov x0, xzr
        ret
        .cfi_endproc
        .size dlopen, .-dlopen

#else
#error "dlsym and dlopen are written for x86-64 and AArch64"
#endif

        .section .note.GNU-stack, "", %progbits
