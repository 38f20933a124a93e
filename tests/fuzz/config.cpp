// config.json as somebody may have edited it.
#include "node/app/config.hpp"
#include "ledger/base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = ledger::as_text({data, size});
    const auto config = node::parse_config(text, "config.json", {});
    if (!config) {
        ledger::ensure(!config.error().detail.empty(), "a refusal says why");
        return 0;
    }
    const auto shown = node::config_json(*config);
    const auto again = node::parse_config(shown, "config.json", {});
    ledger::ensure(again && node::config_json(*again) == shown, "what is shown reads back");
    return 0;
}
