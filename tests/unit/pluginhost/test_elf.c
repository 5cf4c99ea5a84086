/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/elf.h"

#include "base/memory.h"
#include "check.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A smallest file: header, sections none/dynsym/dynstr, one symbol, names. */
struct image {
    Elf64_Ehdr header;
    Elf64_Shdr sections[3];
    Elf64_Sym symbols[2];
    char names[32];
};

static void make_image(struct image *image)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    memset(image, 0, sizeof *image);
    /* This program is for this machine. */
    if (fd < 0 || pread(fd, &image->header, sizeof image->header, 0) < 0)
        return;
    (void)close(fd);
    image->header.e_type = ET_DYN;
    image->header.e_shoff = offsetof(struct image, sections);
    image->header.e_shnum = 3;
    image->header.e_shentsize = sizeof(Elf64_Shdr);
    image->sections[1] = (Elf64_Shdr){ .sh_type = SHT_DYNSYM,
                                       .sh_link = 2,
                                       .sh_offset = offsetof(struct image, symbols),
                                       .sh_size = sizeof image->symbols,
                                       .sh_entsize = sizeof(Elf64_Sym) };
    image->sections[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
                                       .sh_offset = offsetof(struct image, names),
                                       .sh_size = sizeof image->names };
    image->symbols[1] = (Elf64_Sym){ .st_name = 1,
                                     .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                     .st_shndx = 7,
                                     .st_size = 96 };
    memcpy(image->names + 1, AC_ELF_SYMBOL, sizeof AC_ELF_SYMBOL);
}

static enum ac_code check(const struct image *image, size_t size, size_t *ret_size,
                          struct ac_error *err)
{
    AC_AUTO_FD int fd = memfd_create("image", MFD_CLOEXEC);

    if (fd < 0 || write(fd, image, size) != (ssize_t)size)
        return ac_fail(err, AC_E_SYSTEM, "memfd");
    return ac_elf_check(fd, ret_size, err);
}

AC_TEST(exported_descriptor_is_found_with_its_size)
{
    struct ac_error err = { 0 };
    struct image image;
    size_t size = 0;

    make_image(&image);
    AC_REQUIRE_OK(check(&image, sizeof image, &size, &err));

    CU_ASSERT_EQUAL(size, 96);
}

AC_TEST(real_plugin_passes)
{
    struct ac_error err = { 0 };
    AC_AUTO_FD int fd = open(AC_TEST_PLUGINS "/good.so", O_RDONLY | O_CLOEXEC);
    size_t size = 0;

    AC_REQUIRE_OK(ac_elf_check(fd, &size, &err));

    CU_ASSERT(size > 0);
}

AC_TEST(every_truncation_is_refused)
{
    struct image image;
    size_t refused = 0;

    make_image(&image);
    for (size_t size = 0; size < offsetof(struct image, names) + 17; size++) {
        struct ac_error err = { 0 };
        size_t found = 0;
        refused += check(&image, size, &found, &err) == AC_E_INVALID;
    }

    CU_ASSERT_EQUAL(refused, offsetof(struct image, names) + 17);
}

/* One fault each, written over the good image. */
#define FAULT(field, value)                                                            \
    {                                                                                  \
        offsetof(struct image, field), sizeof(((struct image *)0)->field), (value)     \
    }
#define INFO(binding, type) ELF64_ST_INFO(binding, type)
static const struct {
    size_t offset, size;
    uint64_t value; /* little-endian: the first `size` bytes of it */
} faults[] = {
    FAULT(header.e_ident[0], 'X'),
    FAULT(header.e_ident[EI_CLASS], ELFCLASS32),
    FAULT(header.e_ident[EI_DATA], 3),
    FAULT(header.e_machine, EM_68K),
    FAULT(header.e_type, ET_EXEC),
    FAULT(header.e_shnum, 0),
    FAULT(header.e_shoff, UINT64_MAX - 8),
    FAULT(header.e_shentsize, 1),
    FAULT(sections[1].sh_type, SHT_SYMTAB),
    FAULT(sections[1].sh_offset, UINT64_MAX - 8),
    FAULT(sections[1].sh_size, UINT64_MAX),
    FAULT(sections[1].sh_entsize, 0),
    FAULT(sections[1].sh_link, 99),
    FAULT(sections[2].sh_offset, UINT64_MAX - 4),
    FAULT(sections[2].sh_size, 3),
    FAULT(symbols[1].st_name, UINT32_MAX),
    FAULT(symbols[1].st_shndx, SHN_UNDEF),
    FAULT(symbols[1].st_info, INFO(STB_LOCAL, STT_OBJECT)),
    FAULT(symbols[1].st_info, INFO(STB_GLOBAL, STT_FUNC)),
    FAULT(symbols[1].st_other, STV_HIDDEN),
    FAULT(names[1], 'b'),
};

AC_TEST(every_damage_is_refused)
{
    for (size_t i = 0; i < AC_COUNT(faults); i++) {
        struct ac_error err = { 0 };
        struct image image;
        size_t size = 0;
        make_image(&image);
        memcpy((char *)&image + faults[i].offset, &faults[i].value, faults[i].size);
        AC_REQUIRE_CODE(check(&image, sizeof image, &size, &err), AC_E_INVALID);
        CU_ASSERT_EQUAL(size, 0);
    }
}

AC_TEST(another_machine_is_named)
{
    struct ac_error err = { 0 };
    struct image image;
    size_t size = 0;

    make_image(&image);
    image.header.e_machine = EM_68K;

    AC_REQUIRE_CODE(check(&image, sizeof image, &size, &err), AC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "built for another machine"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "64-bit m68k, and this acmecore for"));
}

AC_TEST(word_size_and_byte_order_of_another_machine_are_told)
{
    struct ac_error err = { 0 };
    struct image image;
    size_t size = 0;

    make_image(&image);
    image.header.e_ident[EI_CLASS] = ELFCLASS32;
    image.header.e_ident[EI_DATA] =
        image.header.e_ident[EI_DATA] == ELFDATA2LSB ? ELFDATA2MSB : ELFDATA2LSB;
    image.header.e_machine = __builtin_bswap16(4711);

    AC_REQUIRE_CODE(check(&image, sizeof image, &size, &err), AC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.detail, "other byte order, 32-bit machine 4711, and this acmecore"));
}

AC_TEST(folder_is_no_plugin)
{
    struct ac_error err = { 0 };
    AC_AUTO_FD int fd = open("/", O_RDONLY | O_CLOEXEC);
    size_t size = 0;

    AC_REQUIRE_CODE(ac_elf_check(fd, &size, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "it is no regular file");
}

AC_TEST(numbers_of_the_descriptor_are_read_where_its_address_is_mapped)
{
    struct ac_error err = { 0 };
    struct image image;
    uint32_t number = 0;
    Elf64_Phdr part = {
        .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof image, .p_offset = 0
    };
    AC_AUTO_FD int fd = memfd_create("image", MFD_CLOEXEC);

    /* given: the descriptor is the names, the last 32 bytes of the file's segment */
    make_image(&image);
    image.symbols[1].st_value = 0x1000 + sizeof image - 32;
    image.symbols[1].st_size = 32;
    image.header.e_phoff = sizeof image;
    image.header.e_phnum = 1;
    image.header.e_phentsize = sizeof part;
    memcpy(image.names + 28, "\x2a\0\0\0", 4);
    AC_REQUIRE(write(fd, &image, sizeof image) == (ssize_t)sizeof image);
    AC_REQUIRE(write(fd, &part, sizeof part) == (ssize_t)sizeof part);

    AC_REQUIRE_OK(ac_elf_read(fd, 28, &number, sizeof number, &err));
    CU_ASSERT_EQUAL(number, 0x2a);
    CU_ASSERT_EQUAL(ac_elf_read(fd, 30, &number, sizeof number, &err), AC_E_INVALID);
}

AC_SUITE("pluginhost/elf", AC_CASE(exported_descriptor_is_found_with_its_size),
         AC_CASE(real_plugin_passes), AC_CASE(every_truncation_is_refused),
         AC_CASE(every_damage_is_refused), AC_CASE(another_machine_is_named),
         AC_CASE(word_size_and_byte_order_of_another_machine_are_told),
         AC_CASE(folder_is_no_plugin),
         AC_CASE(numbers_of_the_descriptor_are_read_where_its_address_is_mapped))
