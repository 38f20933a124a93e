// Recovery of a log segment from any bytes: records in order, or an error, and no more.
#include "ledger/base/ensure.hpp"
#include "ledger/store/log_format.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ledger;
    std::uint64_t last = 0;
    const auto scan = recover_log({data, size}, [&last](const LogRecord& record) -> Result<void> {
        ensure(last == 0 || record.seq == last + 1, "records come in order");
        last = record.seq;
        return {};
    });
    if (!scan) {
        ensure(scan.error().kind == ErrorKind::corrupt, "bad bytes are corrupt bytes");
        return 0;
    }
    ensure(scan->records_end <= size, "a scan ends within the bytes");
    ensure(last == 0 || scan->next_seq == last + 1, "numbers go on behind the last record");
    return 0;
}
