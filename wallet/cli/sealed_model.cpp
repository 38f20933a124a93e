#include "wallet/cli/sealed_model.hpp"

#include "inference/model/inspect.hpp"
#include "wallet/sealed/read_items.hpp"

namespace wallet::cli {

ledger::Result<ledger::Bytes> model_in(BatchFolder& batch, const ledger::SecretKey& key,
                                       const inference::ContentId& content, std::size_t most_bytes,
                                       const std::function<void(std::uint64_t)>& progress)
{
    ledger::Bytes found, file;
    bool is_read = false;
    ledger::sealing::ItemReader::Handler handler;
    handler.begin = [&](const std::string&, std::uint64_t size) -> ledger::Result<void> {
        file.clear();
        is_read = found.empty() && size <= most_bytes;
        return {};
    };
    handler.data = [&](ledger::ByteView piece) -> ledger::Result<void> {
        if (is_read) ledger::append(file, piece);
        return {};
    };
    handler.end = [&]() -> ledger::Result<void> {
        if (!is_read) return {};
        const auto summary = inference::inspect_model(file);
        if (summary && summary->content_id == content) found = std::move(file);
        return {};
    };
    if (const auto read = read_items(batch, key, std::move(handler), progress); !read)
        return read.error();
    if (found.empty())
        return ledger::Error{ledger::ErrorKind::not_found,
                             "none of the files of this batch is the model that was meant"};
    return found;
}

}  // namespace wallet::cli
