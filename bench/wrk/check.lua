-- One connection a thread: answers come in the order of requests, so each can be compared with what it must be.
-- Each thread has a file of its own, a line a request: status, what the answer must name, the request with its line ends written out.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  questions, statuses, needles, at, wrong, answers, first = {}, {}, {}, 0, 0, 0, ""
  for line in io.lines(args[1] .. "/" .. number) do
    local status, needle, question = line:match("^(%d+)\t([^\t]*)\t(.*)$")
    table.insert(questions, (question:gsub("\\r\\n", "\r\n")))
    table.insert(statuses, tonumber(status))
    table.insert(needles, needle)
  end
end

function request()
  at = at % #questions + 1
  return questions[at]
end

function response(status, headers, body)
  answers = answers + 1
  -- Whose key it is stands in a header, or in the body where there is one.
  if status ~= statuses[at] or not (headers["Rollcall-Key"] or headers["rollcall-key"] or body):find(needles[at], 1, true) then
    wrong = wrong + 1
    if first == "" then first = statuses[at] .. " expected, came " .. status .. " " .. body:gsub("[^%w ,.:{}_-]", ""):sub(1, 200) end
  end
end

function done(summary)
  local all, bad, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    all, bad = all + thread:get("answers"), bad + thread:get("wrong")
    if example == "" then example = thread:get("first") end
  end
  local errors = summary.errors
  print(string.format('{"answers":%d,"wrong":%d,"seconds":%f,"lost":%d,"example":"%s"}',
    all, bad, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.timeout, example))
end
