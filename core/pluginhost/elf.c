/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/elf.h"

#include <stdbool.h>

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOLS_MAX 4194304u
#define CHUNK       64 /* symbols read at once */
#define TRUNCATED   "the file is truncated; install it again"
#define DAMAGED     "its symbol table is damaged; install it again"
#define NO_ELF      "it is no ELF file, so no plugin: a plugin is a shared object"
#define NO_PLUGIN                                                                      \
    "it does not export " AC_ELF_SYMBOL                                                \
    ", so it is no plugin; was it built with acmecore_add_plugin()?"
#define MACHINE_SIZE 24

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#elif defined(__s390x__)
#define MACHINE EM_S390
#else
#error "which ELF machine is this?"
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ENCODING ELFDATA2LSB
#else
#define ENCODING ELFDATA2MSB
#endif

struct file {
    int fd;
    uint64_t size;
    Elf64_Ehdr header;
};

static enum ac_code read_at(const struct file *file, uint64_t offset, void *bytes,
                            size_t size, struct ac_error *err)
{
    if (offset > file->size || size > file->size - offset)
        return ac_fail(err, AC_E_INVALID, TRUNCATED);
    ssize_t got = pread(file->fd, bytes, size, (off_t)offset);
    if (got < 0)
        return ac_fail_errno(err, AC_E_INVALID, errno, "the file cannot be read");
    if ((size_t)got != size)
        return ac_fail(err, AC_E_INVALID, TRUNCATED);
    return AC_OK;
}

/* As people call it; "machine 243" for one we have no name for. */
static const char *machine_name(uint16_t machine, char buffer[MACHINE_SIZE])
{
    static const struct {
        uint16_t machine;
        const char *name;
    } known[] = {
        { EM_386, "x86" },       { EM_X86_64, "x86-64" }, { EM_ARM, "ARM" },
        { EM_AARCH64, "ARM64" }, { EM_RISCV, "RISC-V" },  { EM_PPC, "PowerPC" },
        { EM_PPC64, "PowerPC" }, { EM_S390, "S/390" },    { EM_MIPS, "MIPS" },
        { EM_SPARCV9, "SPARC" }, { EM_68K, "m68k" },      { EM_IA_64, "Itanium" },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].machine == machine)
            return known[i].name;
    }
    (void)snprintf(buffer, MACHINE_SIZE, "machine %d", machine);
    return buffer;
}

/* The machine's number stands at the same place in files of either word size. */
static enum ac_code check_machine(const Elf64_Ehdr *header, struct ac_error *err)
{
    bool is_swapped = header->e_ident[EI_DATA] != ENCODING;
    uint16_t machine =
        is_swapped ? __builtin_bswap16(header->e_machine) : header->e_machine;
    bool is_narrow = header->e_ident[EI_CLASS] == ELFCLASS32;
    char its[MACHINE_SIZE];
    char ours[MACHINE_SIZE];

    if (header->e_ident[EI_CLASS] == ELFCLASS64 && !is_swapped && machine == MACHINE)
        return AC_OK;
    return ac_fail(
        err, AC_E_INVALID,
        "it is built for another machine: %s%s-bit %s, and this acmecore for "
        "64-bit %s; install the plugin for this machine, or build it here",
        is_swapped ? "other byte order, " : "", is_narrow ? "32" : "64",
        machine_name(machine, its), machine_name(MACHINE, ours));
}

static enum ac_code check_header(const Elf64_Ehdr *header, struct ac_error *err)
{
    AC_TRY(check_machine(header, err));
    if (header->e_type != ET_DYN) {
        return ac_fail(err, AC_E_INVALID,
                       "it is no shared object (ELF type %d); a plugin is linked with "
                       "-shared",
                       header->e_type);
    }
    if (header->e_shnum == 0 || header->e_shoff == 0
        || header->e_shentsize != sizeof(Elf64_Shdr)) {
        return ac_fail(err, AC_E_INVALID,
                       "it has no section headers to look at; build it again, and "
                       "leave them in it (strip does)");
    }
    return AC_OK;
}

static enum ac_code read_header(struct file *file, struct ac_error *err)
{
    struct stat status;

    if (fstat(file->fd, &status) != 0)
        return ac_fail_errno(err, AC_E_INVALID, errno, "the file cannot be read");
    if (!S_ISREG(status.st_mode) || status.st_size < 0)
        return ac_fail(err, AC_E_INVALID, "it is no regular file");
    file->size = (uint64_t)status.st_size;
    if (file->size == 0)
        return ac_fail(err, AC_E_INVALID, "the file is empty; install it again");
    if (file->size < SELFMAG)
        return ac_fail(err, AC_E_INVALID, NO_ELF);
    AC_TRY(read_at(file, 0, file->header.e_ident, SELFMAG, err));
    if (memcmp(file->header.e_ident, ELFMAG, SELFMAG) != 0)
        return ac_fail(err, AC_E_INVALID, NO_ELF);
    AC_TRY(read_at(file, 0, &file->header, sizeof file->header, err));
    return check_header(&file->header, err);
}

static enum ac_code read_section(const struct file *file, uint64_t index,
                                 Elf64_Shdr *ret_section, struct ac_error *err)
{
    if (index >= file->header.e_shnum)
        return ac_fail(err, AC_E_INVALID, DAMAGED);
    /* No overflow: an offset that high is over the file's size. */
    if (file->header.e_shoff > file->size)
        return ac_fail(err, AC_E_INVALID, TRUNCATED);
    return read_at(file, file->header.e_shoff + index * sizeof *ret_section,
                   ret_section, sizeof *ret_section, err);
}

static enum ac_code find_symbols(const struct file *file, Elf64_Shdr *ret_symbols,
                                 struct ac_error *err)
{
    for (uint64_t i = 0; i < file->header.e_shnum; i++) {
        AC_TRY(read_section(file, i, ret_symbols, err));
        if (ret_symbols->sh_type == SHT_DYNSYM)
            return AC_OK;
    }
    return ac_fail(err, AC_E_INVALID, NO_PLUGIN);
}

/* An object of its own that others may see. */
static bool is_exported_object(const Elf64_Sym *symbol)
{
    int binding = ELF64_ST_BIND(symbol->st_info);

    return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT
           && (binding == STB_GLOBAL || binding == STB_WEAK)
           && ELF64_ST_VISIBILITY(symbol->st_other) == STV_DEFAULT;
}

static bool has_name(const struct file *file, const Elf64_Shdr *names,
                     const Elf64_Sym *symbol)
{
    char name[sizeof AC_ELF_SYMBOL];
    struct ac_error ignored = { 0 };

    if (symbol->st_name > names->sh_size || names->sh_offset > file->size
        || sizeof name > names->sh_size - symbol->st_name)
        return false;
    return read_at(file, names->sh_offset + symbol->st_name, name, sizeof name,
                   &ignored)
               == AC_OK
           && !memcmp(name, AC_ELF_SYMBOL, sizeof name);
}

/* True when it is among these; *ret_symbol is it then. */
static bool is_among(const struct file *file, const Elf64_Shdr *names,
                     const Elf64_Sym *symbols, size_t count, Elf64_Sym *ret_symbol)
{
    for (size_t i = 0; i < count; i++) {
        if (is_exported_object(&symbols[i]) && has_name(file, names, &symbols[i])) {
            *ret_symbol = symbols[i];
            return true;
        }
    }
    return false;
}

static enum ac_code search(const struct file *file, const Elf64_Shdr *table,
                           const Elf64_Shdr *names, Elf64_Sym *ret_symbol,
                           struct ac_error *err)
{
    Elf64_Sym symbols[CHUNK];
    uint64_t count = table->sh_size / sizeof *symbols;

    if (table->sh_entsize != sizeof *symbols || count > SYMBOLS_MAX
        || table->sh_offset > file->size)
        return ac_fail(err, AC_E_INVALID, DAMAGED);
    for (uint64_t i = 0; i < count; i += CHUNK) {
        size_t size = count - i < CHUNK ? (size_t)(count - i) : CHUNK;
        AC_TRY(read_at(file, table->sh_offset + i * sizeof *symbols, symbols,
                       size * sizeof *symbols, err));
        if (is_among(file, names, symbols, size, ret_symbol))
            return AC_OK;
    }
    return ac_fail(err, AC_E_INVALID, NO_PLUGIN);
}

static enum ac_code find_descriptor(struct file *file, Elf64_Sym *ret_symbol,
                                    struct ac_error *err)
{
    Elf64_Shdr table = { 0 };
    Elf64_Shdr names = { 0 };

    AC_TRY(read_header(file, err));
    AC_TRY(find_symbols(file, &table, err));
    AC_TRY(read_section(file, table.sh_link, &names, err));
    return search(file, &table, &names, ret_symbol, err);
}

enum ac_code ac_elf_check(int fd, size_t *ret_size, struct ac_error *err)
{
    struct file file = { .fd = fd };
    Elf64_Sym symbol = { 0 };

    AC_TRY(find_descriptor(&file, &symbol, err));
    *ret_size = symbol.st_size;
    return AC_OK;
}

/* The part of the file that is mapped where the address is. */
static enum ac_code find_place(const struct file *file, uint64_t address, size_t size,
                               uint64_t *ret_offset, struct ac_error *err)
{
    const Elf64_Ehdr *header = &file->header;
    Elf64_Phdr part;

    if (header->e_phoff > file->size || header->e_phentsize != sizeof part)
        return ac_fail(err, AC_E_INVALID, "its list of segments is damaged");
    for (uint64_t i = 0; i < header->e_phnum; i++) {
        AC_TRY(
            read_at(file, header->e_phoff + i * sizeof part, &part, sizeof part, err));
        if (part.p_type != PT_LOAD || address < part.p_vaddr
            || address - part.p_vaddr > part.p_filesz
            || size > part.p_filesz - (address - part.p_vaddr)
            || part.p_offset > file->size)
            continue;
        *ret_offset = part.p_offset + (address - part.p_vaddr);
        return AC_OK;
    }
    return ac_fail(err, AC_E_INVALID, "its descriptor is not in the file");
}

enum ac_code ac_elf_read(int fd, size_t offset, void *bytes, size_t size,
                         struct ac_error *err)
{
    struct file file = { .fd = fd };
    Elf64_Sym symbol = { 0 };
    uint64_t at = 0;

    AC_TRY(find_descriptor(&file, &symbol, err));
    if (offset > symbol.st_size || size > symbol.st_size - offset)
        return ac_fail(err, AC_E_INVALID, "its descriptor is too short");
    AC_TRY(find_place(&file, symbol.st_value, symbol.st_size, &at, err));
    return read_at(&file, at + offset, bytes, size, err);
}
