#include "node/http/http_error.hpp"

#include <nlohmann/json.hpp>

namespace node {

Response error_response(std::string_view path, const HttpError& error)
{
    nlohmann::ordered_json body;
    const bool inference = path == "/v2" || path.starts_with("/v2/");
    if (inference) {
        body["error"] = error.detail.empty() ? error.message : error.message + ": " + error.detail;
    } else {
        body["error"] = {
            {"code", error.code}, {"message", error.message}, {"detail", error.detail}};
    }
    // Messages may quote what a stranger sent: bytes that are no UTF-8 become U+FFFD.
    return Response::json(error.status,
                          body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace node
