/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), eight bytes a step: table[k] advances a byte by k further bytes of zeros.
 */
#include "convert/bundle.h"

void mg_checksum_prepare(uint32_t table[MG_CHECKSUM_TABLE])
{
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit)
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? UINT32_C(0x82f63b78) : 0);
        table[byte] = rest;
    }
    for (size_t i = 256; i < MG_CHECKSUM_TABLE; ++i)
        table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xff];
}

uint32_t mg_checksum_add(const uint32_t *table, uint32_t before, const unsigned char *bytes,
                         size_t size)
{
    uint32_t sum = ~before;
    for (; size >= 8; bytes += 8, size -= 8) {
        uint32_t low = sum ^ mg_bundle_word(bytes), high = mg_bundle_word(bytes + 4);
        sum = table[7 * 256 + (low & 0xff)] ^ table[6 * 256 + (low >> 8 & 0xff)] ^
              table[5 * 256 + (low >> 16 & 0xff)] ^ table[4 * 256 + (low >> 24)] ^
              table[3 * 256 + (high & 0xff)] ^ table[2 * 256 + (high >> 8 & 0xff)] ^
              table[256 + (high >> 16 & 0xff)] ^ table[high >> 24];
    }
    for (; size > 0; ++bytes, --size) sum = (sum >> 8) ^ table[(sum ^ *bytes) & 0xff];
    return ~sum;
}

uint32_t mg_checksum_mask(uint32_t sum)
{
    return (sum >> 15 | sum << 17) + UINT32_C(0xa282ead8);
}
