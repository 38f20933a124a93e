// What an object store, or whoever stands in its place, says. Keys that are read may be removed, so
// all of them begin as ours do and need no escape.
#include "node/blobs/bucket/bucket_answers.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/ensure.hpp"

#include <cstdint>

using ledger::ensure;
using namespace node::bucket_answers;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = ledger::as_text({data, size});
    ensure(error_code(text).size() <= 64, "a code is short");
    if (const auto error = removal_error(text)) ensure(error->size() <= 64, "a code is short");
    const auto keys = listed_keys(text, "a/");
    if (!keys) return 0;
    ensure(keys->size() <= most_keys, "a listing is bounded");
    for (const auto& key : *keys)
        ensure(key.starts_with("a/") && is_plain_key(key), "only our keys are read");
    const auto listed = "<ListBucketResult>" + removal_text(*keys) + "</ListBucketResult>";
    ensure(*listed_keys(listed, "a/") == *keys, "keys are the same again");
    return 0;
}
