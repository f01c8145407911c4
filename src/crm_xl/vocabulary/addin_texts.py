"""What installing, removing and examining the add-in says: key -> (zh, en). Part of MESSAGES."""

from __future__ import annotations

ADDIN_TEXTS: dict[str, tuple[str, str]] = {
    # install
    "addin_installed": ("插件已安装：{path}", "The add-in is installed: {path}"),
    "addin_already_installed": (
        "插件已是最新，没有改动：{path}",
        "The add-in was in place already, nothing was changed: {path}",
    ),
    "addin_uses_python": ("使用的 Python：{path}", "It uses this Python: {path}"),
    "addin_next": (
        "现在打开 Excel：功能区应有“客户分析”选项卡。如果没有，请运行 crm-xl addin doctor。",
        "Now open Excel: there should be a tab 'Customers'. If there is none, run crm-xl addin doctor.",
    ),
    "addin_mac_no_functions": (
        "macOS 版 Excel 不支持工作表函数(如 =SEGMENT())，只有按钮可用：用“刷新分析”更新工作簿。",
        "Excel for Mac has no worksheet functions of ours (such as =SEGMENT()), only the buttons: bring a workbook up"
        " to date with 'Refresh analysis'.",
    ),
    "addin_excel_not_found": (
        "没有找到 Microsoft Excel。插件只能在 Excel 中使用，WPS 等软件不会加载。",
        "Microsoft Excel was not found. The add-in works in Excel only; WPS and others do not load it.",
    ),
    "addin_not_here": (
        "插件只能装在 Windows 或 macOS 上。在这台电脑上请用命令：crm-xl refresh 工作簿。",
        "The add-in can be installed on Windows and macOS only. On this computer use the command crm-xl refresh BOOK.",
    ),
    "addin_excel_running": (
        "Excel 正在运行。请保存并关闭所有 Excel 窗口后再试；看不到窗口时，在任务管理器中结束 EXCEL.EXE。",
        "Excel is running. Save and close all its windows and try again; if there is no window, end EXCEL.EXE in the"
        " Task Manager.",
    ),
    "addin_start_excel_first": (
        "没有找到 Excel 的数据文件夹。请先打开一次 Excel，关闭后再试。",
        "The data folder of Excel was not found. Open Excel once, close it and try again.",
    ),
    "addin_missing": (
        "缺少插件文件 {path}，或它已损坏。请重新安装 crm-xl。",
        "The add-in's file {path} is missing or damaged. Install crm-xl again.",
    ),
    "addin_foreign_file": (
        "{path} 已存在，但不是本插件，未改动。请先移走或改名。",
        "{path} exists but is not this add-in, and was left alone. Move or rename it first.",
    ),
    "addin_no_variable": (
        "没有环境变量 {name}，无法确定安装位置。请在普通的命令提示符中运行。",
        "There is no environment variable {name}, so the place is not known. Run this in an ordinary command prompt.",
    ),
    "addin_python_fails": (
        "无法启动 Python：{path}。请重新安装 Python，或运行 crm-xl addin install --own-environment。",
        "This Python does not start: {path}. Install Python again, or run crm-xl addin install --own-environment.",
    ),
    "addin_hangs": (
        "{command} 在 {seconds} 秒内没有结束，已停止它。可能被杀毒软件拦住，或网络太慢。请检查后再试；仍然如此时请重启电脑。",
        "{command} did not end within {seconds} seconds and was stopped. An antivirus may hold it up, or the network is"
        " slow: check both and try again; if that does not help, restart the computer.",
    ),
    "addin_no_package": (
        "这个 Python 中没有安装 crm-xl：{path}。请用它安装 crm-xl，或运行 crm-xl addin install --own-environment。",
        "crm-xl is not installed in this Python: {path}. Install it there, or run crm-xl addin install"
        " --own-environment.",
    ),
    "addin_wrong_package": (
        "插件是为 crm-xl {needed} 生成的，而 {path} 中是 {found}。请在其中安装 crm-xl {needed}。",
        "The add-in was built for crm-xl {needed}, and {path} has {found}. Install crm-xl {needed} there.",
    ),
    "addin_wrong_xlwings": (
        '插件需要 xlwings {needed}，而 {path} 中是 {found}。请运行："{path}" -m pip install xlwings=={needed}，'
        "或用 crm-xl addin install --own-environment。",
        'The add-in needs xlwings {needed}, and {path} has {found}. Run "{path}" -m pip install xlwings=={needed},'
        " or crm-xl addin install --own-environment.",
    ),
    "addin_no_host": (
        '{path} 中没有可用的 {name}。请运行："{path}" -m pip install --force-reinstall {name}',
        '{path} has no usable {name}. Run: "{path}" -m pip install --force-reinstall {name}',
    ),
    "addin_no_library": (
        "{path} 旁边没有 {name}。请运行 crm-xl addin install --own-environment(微软商店版 Python 和"
        " pip --user 安装会缺少它)；如果仍然没有，可能被杀毒软件删除。",
        "There is no {name} beside {path}. Run crm-xl addin install --own-environment (a Python from the Microsoft"
        " Store and pip --user do not have it); if it is still missing, an antivirus may have taken it.",
    ),
    "addin_path_letters": (
        "Python 的路径 {path} 含有 Excel 的 VBA 读不了的字符。请把 Python 或环境放到只含英文字母的文件夹，例如"
        " py -m venv C:\\crm_xl，在其中安装 crm-xl，再运行 C:\\crm_xl\\Scripts\\crm-xl addin install。",
        "The path of Python, {path}, has letters that Excel's VBA cannot read on this computer. Put Python or its"
        " environment into a folder with plain letters, such as py -m venv C:\\crm_xl, install crm-xl there and run"
        " C:\\crm_xl\\Scripts\\crm-xl addin install.",
    ),
    "addin_path_long": (
        "Python 的路径 {path} 太长(最多 {most} 个字符)。请把环境放到较短的文件夹，例如 py -m venv C:\\crm_xl，"
        "在其中安装 crm-xl，再运行 C:\\crm_xl\\Scripts\\crm-xl addin install。",
        "The path of Python, {path}, is too long ({most} characters at most). Put its environment into a shorter"
        " folder, such as py -m venv C:\\crm_xl, install crm-xl there and run C:\\crm_xl\\Scripts\\crm-xl addin"
        " install.",
    ),
    "addin_path_mac": (
        "Python 的路径 {path} 含有空格或特殊字符，macOS 版 Excel 无法启动它。请运行"
        " crm-xl addin install --own-environment，或把环境放到不含空格的文件夹。",
        "The path of Python, {path}, has a space or another special character, and Excel for Mac cannot start it. Run"
        " crm-xl addin install --own-environment, or put the environment into a folder without spaces.",
    ),
    "addin_home_letters": (
        "用户文件夹 {path} 含有系统区域设置之外的字符，Excel 的 VBA 找不到配置文件。请在 Windows“区域”→“管理”→"
        "“更改系统区域设置”中选择该语言，重启后再试。",
        "The user folder {path} has letters outside the system locale, so that Excel's VBA cannot find the settings."
        " Choose that language under Region > Administrative > Change system locale, restart and try again.",
    ),
    "addin_book_path_long": (
        "{path} 太长，Excel 最多能打开 {most} 个字符的路径。请让 IT 部门缩短用户配置文件夹的路径。",
        "{path} is too long: Excel opens paths of at most {most} characters. Ask your IT department for a shorter"
        " profile folder.",
    ),
    "addin_environment_failed": (
        "无法建立插件自己的 Python 环境：{what}。请检查网络或代理后再试，也可以不加 --own-environment，使用现有的"
        " Python。",
        "The add-in's own Python environment could not be made: {what}. Check the network or proxy and try again, or"
        " leave out --own-environment to use the Python that is there.",
    ),
    "addin_folder_failed": (
        "无法新建文件夹 {path}：{why}。",
        "The folder {path} cannot be made: {why}.",
    ),
    # uninstall
    "addin_removed": ("已删除：{path}", "Removed: {path}"),
    "addin_kept": ("安装后有人改过，保留：{path}", "Kept, because it was changed since: {path}"),
    "addin_environment_left": (
        "正在使用的 Python 环境不能自己删除。请关闭本窗口，手动删除文件夹：{path}",
        "The Python environment that is running cannot delete itself. Close this window and delete the folder: {path}",
    ),
    "addin_nothing_installed": ("没有安装插件，无需卸载。", "The add-in is not installed: nothing to remove."),
    "addin_not_removed": (
        "无法删除 {path}：{why}。请关闭 Excel 和使用它的程序后再试。",
        "{path} cannot be deleted: {why}. Close Excel and whatever else uses it and try again.",
    ),
    # doctor
    "check_line": ("[{result}] {title}：", "[{result}] {title}: "),
    "check_is_ok": ("正常", "ok"),
    "check_is_warning": ("注意", "warning"),
    "check_is_problem": ("问题", "problem"),
    "check_excel": ("Excel", "Excel"),
    "check_addin": ("插件文件", "Add-in file"),
    "check_config": ("配置文件", "Settings"),
    "check_python": ("Python", "Python"),
    "check_packages": ("Python 包", "Packages"),
    "check_versions": ("版本一致", "Versions"),
    "check_processes": ("后台进程", "Processes"),
    "check_library": ("xlwings 动态库", "xlwings DLL"),
    "check_blocked": ("来自网络的标记", "Internet mark"),
    "check_copies": ("重复的插件", "Copies"),
    "check_trusted": ("受信任位置", "Trusted location"),
    "check_disabled": ("禁用项目", "Disabled items"),
    "check_policy": ("宏与组策略", "Macros and policies"),
    "check_attack_surface": ("攻击面减少规则", "Attack surface rules"),
    "check_others": ("其他插件", "Other add-ins"),
    "check_wps": ("WPS Office", "WPS Office"),
    "check_script": ("启动脚本", "Start script"),
    "check_functions": ("工作表函数", "Worksheet functions"),
    "check_place": ("工作簿位置", "Place of the workbook"),
    "check_links": ("工作簿链接", "Links of the workbook"),
    "doctor_excel": ("已安装。", "Installed."),
    "doctor_excel_bits": ("已安装，{bits} 位。", "Installed, {bits}-bit."),
    "doctor_no_excel": (
        "没有找到 Microsoft Excel 2016 或更新的桌面版。请先安装；WPS 和网页版不能使用插件。",
        "Microsoft Excel 2016 or newer (desktop) was not found. Install it first; WPS and the web version cannot use"
        " the add-in.",
    ),
    "doctor_addin_there": ("{path}", "{path}"),
    "doctor_addin_missing": (
        "没有安装：{path}。请关闭 Excel，运行 crm-xl addin install。",
        "Not installed: {path}. Close Excel and run crm-xl addin install.",
    ),
    "doctor_addin_gone": (
        "安装后文件消失：{path}。很可能被杀毒软件隔离：请在杀毒软件中恢复并加入信任，再运行 crm-xl addin install。",
        "The file has gone since it was installed: {path}. Probably an antivirus took it: restore and allow it there,"
        " then run crm-xl addin install.",
    ),
    "doctor_addin_differs": (
        "{path} 与本版本自带的插件不同(旧版本，或被改动)。请关闭 Excel，运行 crm-xl addin install。",
        "{path} is not the add-in of this version (an older one, or changed). Close Excel and run crm-xl addin"
        " install.",
    ),
    "doctor_config": ("{path}", "{path}"),
    "doctor_config_empty": (
        "{path} 没有写明用哪个 Python。请关闭 Excel，运行 crm-xl addin install。",
        "{path} does not say which Python to use. Close Excel and run crm-xl addin install.",
    ),
    "doctor_config_letters": (
        "{path} 的编码 Excel 的 VBA 读不了(应为系统的 ANSI 编码，不带 BOM)。请删除该文件，再运行 crm-xl addin install。",
        "{path} is in an encoding that Excel's VBA does not read (it takes the system's ANSI code page, without a"
        " BOM). Delete the file and run crm-xl addin install.",
    ),
    "doctor_config_setting": (
        "{path} 中打开了“{name}”，函数或长时间的刷新会失败。请删去这一行。",
        "{path} switches '{name}' on, with which functions or long refreshes fail. Take that line out.",
    ),
    "doctor_config_other": (
        "{path} 现在指向另一个 Python：{python}。如果不是您改的，请运行 crm-xl addin install。",
        "{path} now names another Python: {python}. If you did not change it, run crm-xl addin install.",
    ),
    "doctor_python": ("{version}，{bits} 位，{path}", "{version}, {bits}-bit, {path}"),
    "doctor_python_gone": (
        "找不到 {path}(Python 被卸载、移动，或被杀毒软件隔离)。请关闭 Excel，运行 crm-xl addin install。",
        "{path} is not there (Python was removed or moved, or an antivirus took it). Close Excel and run crm-xl addin"
        " install.",
    ),
    "doctor_python_old": (
        "{path} 是 Python {version}，需要 3.11 或更新版本。请安装后重新运行 crm-xl addin install。",
        "{path} is Python {version}; 3.11 or newer is needed. Install one and run crm-xl addin install again.",
    ),
    "doctor_python_far": (
        "{path} 在网络上，第一次计算会很慢，断网时不能用。请运行 crm-xl addin install --own-environment。",
        "{path} is on the network: the first calculation is slow, and none works offline. Run crm-xl addin install"
        " --own-environment.",
    ),
    "doctor_packages": ("crm-xl {crm_xl}，xlwings {xlwings}", "crm-xl {crm_xl}, xlwings {xlwings}"),
    "doctor_packages_missing": (
        "{path} 中缺少或无法使用：{names}。请运行 crm-xl addin install --own-environment。",
        "Missing or unusable in {path}: {names}. Run crm-xl addin install --own-environment.",
    ),
    "doctor_versions": (
        "插件与 Python 中的包一致(crm-xl {crm_xl}，xlwings {xlwings})。",
        "Add-in and packages agree (crm-xl {crm_xl}, xlwings {xlwings}).",
    ),
    "doctor_versions_differ": (
        "插件是为 {name} {built} 生成的，Python 中是 {found}。请关闭 Excel，运行 crm-xl addin install"
        " --own-environment。",
        "The add-in was built for {name} {built}, and Python has {found}. Close Excel and run crm-xl addin install"
        " --own-environment.",
    ),
    "doctor_no_marks": (
        "{path} 没有版本标记，不是完整的插件。请移走它，再运行 crm-xl addin install。",
        "{path} carries no versions, so it is not the whole add-in. Move it away and run crm-xl addin install.",
    ),
    "doctor_processes": ("没有遗留的 Python 进程。", "No Python process was left over."),
    "doctor_processes_left": (
        "Excel 已关闭，但还有插件的 Python 进程：{ids}。请在任务管理器中结束它们。",
        "Excel is closed, but Python processes of the add-in are still there: {ids}. End them in the Task Manager.",
    ),
    "doctor_processes_many": (
        "插件有 {count} 个 Python 服务在运行(进程 {ids})；只开一个 Excel 时应只有一个。请关闭 Excel，结束其余进程。",
        "{count} Python servers of the add-in are running (processes {ids}); with one Excel there should be one. Close"
        " Excel and end those that remain.",
    ),
    "doctor_library": ("{path}", "{path}"),
    "doctor_library_missing": (
        "{path} 及其上级文件夹中没有 {name}，函数会报错。请运行 crm-xl addin install --own-environment；如果再次消失，"
        "请在杀毒软件中加入信任。",
        "{name} is neither in {path} nor in the folder above, so functions fail. Run crm-xl addin install"
        " --own-environment; if it goes again, allow it in your antivirus.",
    ),
    "doctor_not_blocked": ("没有被标记为来自网络。", "Not marked as coming from the internet."),
    "doctor_blocked": (
        "{path} 被标记为来自网络，Excel 会禁用其中的宏。请关闭 Excel，运行 crm-xl addin install，或在文件属性中勾选"
        "“解除锁定”。",
        "{path} is marked as coming from the internet, and Excel blocks its macros. Close Excel and run crm-xl addin"
        " install, or tick Unblock in the file's properties.",
    ),
    "doctor_one_copy": ("只有一份。", "There is one only."),
    "doctor_copies": (
        "Excel 还会加载另一份同名插件：{paths}。请删除，或在“文件→选项→加载项”中取消勾选。",
        "Excel would also load another copy of the add-in: {paths}. Delete it, or untick it under File > Options >"
        " Add-ins.",
    ),
    "doctor_trusted": ("{path} 受信任。", "{path} is trusted."),
    "doctor_locations_off": (
        "受信任位置已全部停用，{path} 中的宏不会运行。请让 IT 部门允许这个位置(信任中心→受信任位置)，或为插件签名。",
        "All trusted locations are switched off, so macros in {path} do not run. Ask your IT department to allow this"
        " folder (Trust Center > Trusted Locations) or to sign the add-in.",
    ),
    "doctor_not_trusted": (
        "{path} 不在 Excel 的受信任位置中。如果没有选项卡，请在“信任中心→受信任位置”中添加它。",
        "{path} is not among Excel's trusted locations. If the tab is missing, add it under Trust Center > Trusted"
        " Locations.",
    ),
    "doctor_not_disabled": ("插件没有被 Excel 禁用。", "Excel has not disabled the add-in."),
    "doctor_disabled": (
        "Excel 曾在加载时崩溃，已禁用插件。请在“文件→选项→加载项→管理：禁用项目→转到”中启用 crm_xl.xlam。",
        "Excel crashed while loading the add-in and has disabled it. Enable crm_xl.xlam under File > Options > Add-ins"
        " > Manage: Disabled Items > Go.",
    ),
    "policy_nothing": ("没有妨碍插件的策略。", "No policy stands in the way."),
    "policy_vba_off": (
        "组策略关闭了 Office 的 VBA(VbaOff)，插件不能运行。请联系 IT 部门。",
        "A group policy switches VBA off in Office (VbaOff), so the add-in cannot run. Ask your IT department.",
    ),
    "policy_addins_off": (
        "组策略停用了所有加载项(DisableAllAddins)。请让 IT 部门允许 crm_xl.xlam。",
        "A group policy disables all add-ins (DisableAllAddins). Ask your IT department to allow crm_xl.xlam.",
    ),
    "policy_signed_addins": (
        "组策略要求加载项有受信任的签名(RequireAddinSig)。请让 IT 部门为 crm_xl.xlam 签名。",
        "A group policy demands that add-ins are signed by a trusted publisher (RequireAddinSig). Ask your IT"
        " department to sign crm_xl.xlam.",
    ),
    "policy_addin_list": (
        "组策略的加载项清单(AddinList)不允许 {name}。请让 IT 部门把它加入清单。",
        "The list of add-ins in a group policy (AddinList) does not allow {name}. Ask your IT department to add it.",
    ),
    "policy_no_ribbon": (
        "组策略不允许文件扩展功能区(NoExtensibilityCustomizationFromDocument)：函数可用，但没有“客户分析”选项卡。"
        "请让 IT 部门对 Excel 取消这一策略。",
        "A group policy keeps files from extending the ribbon (NoExtensibilityCustomizationFromDocument): functions"
        " work, but there is no tab 'Customers'. Ask your IT department to lift it for Excel.",
    ),
    "policy_macros_off": (
        "宏已停用或只允许有签名的宏(VBAWarnings)。插件在受信任位置中，可以运行；自带宏的工作簿(.xlsm)不能，请改用"
        " .xlsx，或放到受信任位置。",
        "Macros are off, or only signed ones run (VBAWarnings). The add-in runs, being in a trusted location; workbooks"
        " with macros (.xlsm) do not: use .xlsx, or put them into a trusted location.",
    ),
    "policy_internet_macros": (
        "来自网络的文件中的宏被阻止。收到的 .xlsm 请先在文件属性中“解除锁定”，或改用 .xlsx。",
        "Macros in files from the internet are blocked. Unblock an .xlsm that you were sent in its properties first, or"
        " use .xlsx.",
    ),
    "asr_nothing": ("没有阻止 Excel 启动 Python 的规则。", "No rule keeps Excel from starting Python."),
    "asr_child_processes": (
        "Microsoft Defender 的规则 {rule} 阻止 Office 启动其他程序，函数和按钮都不能用。请让 IT 部门为 Excel 或插件的"
        " Python 加排除项。",
        "Rule {rule} of Microsoft Defender keeps Office from starting other programs, so neither functions nor buttons"
        " work. Ask your IT department for an exclusion for the add-in's Python.",
    ),
    "asr_win32_calls": (
        "Microsoft Defender 的规则 {rule} 阻止宏调用 Windows 函数，插件不能加载动态库。请让 IT 部门为 crm_xl.xlam 加"
        "排除项。",
        "Rule {rule} of Microsoft Defender keeps macros from calling Windows, so the add-in cannot load its DLL. Ask"
        " your IT department for an exclusion for crm_xl.xlam.",
    ),
    "doctor_no_others": ("没有加载其他插件。", "No other add-in is loaded."),
    "doctor_others": (
        "Excel 还加载了：{names}。如果函数的结果不对，可能有同名函数：请逐个停用后再试。",
        "Excel also loads: {names}. If a function gives strange answers, one of them may have a function of the same"
        " name: untick them one by one.",
    ),
    "wps_not": ("没有取代 Excel。", "Does not stand in for Excel."),
    "wps_opens_xlsx": (
        ".xlsx 文件默认用 WPS 打开，其中没有插件。请右键→打开方式→Excel，并设为默认。",
        "WPS opens .xlsx files, and it has no add-in. Right-click > Open with > Excel, and make that the default.",
    ),
    "wps_is_excel": (
        "WPS 以 Excel 的名义注册，按钮可能连到 WPS。请在 WPS“配置工具→高级→兼容设置”中取消“WPS Office 兼容"
        "第三方系统和软件”，再修复 Office。",
        "WPS has registered itself as Excel, so that the buttons may reach WPS. Switch off its compatibility with"
        " Microsoft Office in the WPS configuration tool and repair Office.",
    ),
    "doctor_script": ("{path}", "{path}"),
    "doctor_script_missing": (
        "缺少 {path}，按钮不能启动 Python。请关闭 Excel，运行 crm-xl addin install。",
        "{path} is missing, so that the buttons cannot start Python. Close Excel and run crm-xl addin install.",
    ),
    "doctor_book": ("{path}", "{path}"),
    "doctor_book_in_cloud": (
        "{path} 在 OneDrive 或 SharePoint 上。按钮可用；命令行请用同步到本机的副本，多人同时编辑时不要刷新。",
        "{path} is on OneDrive or SharePoint. The buttons work; for the command line use the copy that is synced to"
        " this computer, and do not refresh while others are editing.",
    ),
    "doctor_book_synced": (
        "{path} 由 OneDrive 同步。刷新前请等同步完成，多人同时编辑时不要刷新。",
        "{path} is synced by OneDrive. Let it finish before a refresh, and do not refresh while others are editing.",
    ),
    "doctor_book_blocked": (
        "{path} 被标记为来自网络，会在受保护的视图中打开。请点“启用编辑”，或在文件属性中“解除锁定”。",
        "{path} is marked as coming from the internet and opens in Protected View. Click Enable Editing, or tick"
        " Unblock in its properties.",
    ),
    "doctor_book_unreadable": (
        "{path} 不是有效的 .xlsx 或 .xlsm 文件，或设有密码。",
        "{path} is not a valid .xlsx or .xlsm file, or has a password.",
    ),
    "doctor_no_links": ("没有指向别处插件的链接。", "No link to an add-in elsewhere."),
    "doctor_links": (
        "工作簿中的函数指向别处的插件：{paths}。请在“数据→编辑链接→更改源”中选择本机的 crm_xl.xlam。",
        "Functions of the workbook point to an add-in elsewhere: {paths}. Choose this computer's crm_xl.xlam under Data"
        " > Edit Links > Change Source.",
    ),
}
